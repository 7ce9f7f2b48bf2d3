package config

import (
	"os"
	"path/filepath"
	"runtime"
)

// Home is the program's folder: flag (--home) when given, else DAIBAN_HOME, else
// the data folder of the user as the system has it. It is absolute; it need not exist.
func Home(flag string) (string, error) {
	dir := home(runtime.GOOS, os.Getenv, flag)
	if dir == "" {
		return "", &Error{
			ZH: "不知道数据放在哪里：没有设置 HOME；请用 --home 或 DAIBAN_HOME 指定文件夹",
			EN: "no folder for the program's data: HOME is not set; give one with --home or DAIBAN_HOME"}
	}
	return filepath.Abs(dir)
}

// home is Home for a system and environment.
func home(goos string, env func(string) string, flag string) string {
	if flag != "" {
		return flag
	}
	if dir := env("DAIBAN_HOME"); dir != "" {
		return dir
	}
	// The XDG standard says that a relative path in the variable is to be ignored.
	if dir := env("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "daiban")
	}
	switch goos {
	case "windows":
		return under(env("LocalAppData"), "daiban")
	case "darwin":
		return under(env("HOME"), "Library/Application Support/daiban")
	}
	return under(env("HOME"), ".local/share/daiban")
}

func under(dir, rest string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, filepath.FromSlash(rest))
}

// MakeHome makes the folder, readable by its owner alone.
func MakeHome(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		return nil
	}
	return &Error{
		ZH: "不能建立数据文件夹 " + dir + "；请用 --home 或 DAIBAN_HOME 指定一个能写的文件夹（" + err.Error() + "）",
		EN: "cannot make the data folder " + dir + "; give one that can be written with --home or DAIBAN_HOME (" + err.Error() + ")"}
}
