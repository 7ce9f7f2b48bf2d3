package file

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/internal/paths"
)

// officeFormats are what CUPS cannot print by itself: LibreOffice makes a PDF of them first.
var officeFormats = map[string]bool{
	".docx": true, ".doc": true, ".odt": true, ".rtf": true, ".wps": true,
	".xlsx": true, ".xls": true, ".ods": true, ".et": true,
	".pptx": true, ".ppt": true, ".odp": true,
}

// convertTime bounds the making of one PDF.
const convertTime = 2 * time.Minute

// printable is a real file that lp can print.
func printable(c *action.Call, info action.Info) (string, error) {
	local, err := c.Files.Local(info.Path)
	if err != nil || !officeFormats[strings.ToLower(paths.Ext(info.Name))] || c.Preview {
		return local, err
	}
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		return "", action.Needs("打印“%s”要先转成 PDF，需要 LibreOffice：安装 libreoffice 后再试", "to print “%s” it is made a PDF first, by LibreOffice: install libreoffice and try again", info.Path)
	}
	dir, err := c.Files.Scratch()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(c, convertTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, soffice, "-env:UserInstallation=file://"+filepath.ToSlash(filepath.Join(dir, "profile")),
		"--headless", "--convert-to", "pdf", "--outdir", dir, local)
	cmd.WaitDelay = 2 * time.Second
	said, err := cmd.CombinedOutput()
	pdf := filepath.Join(dir, strings.TrimSuffix(filepath.Base(local), filepath.Ext(local))+".pdf")
	if _, missing := os.Stat(pdf); err != nil || missing != nil {
		return "", action.Bad("“%s”转不成 PDF，不能打印（损坏或有密码？）：%s", "“%s” cannot be made a PDF to print (damaged, or protected?): %s", info.Path, strings.TrimSpace(string(said)))
	}
	return pdf, nil
}
