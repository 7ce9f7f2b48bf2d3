package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"daiban/action"
	"daiban/check"
	"daiban/files"
	"daiban/flow"
)

// flowSizeMax is the largest file that is read as a flow, in bytes.
const flowSizeMax = flow.SourceMax

// readFlow reads a flow file that the person names on the command line.
func readFlow(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", files.Explain(path, err)
	case info.IsDir():
		return "", action.Bad("%s 是文件夹，不是流程文件", "%s is a folder, not a flow file", path)
	case info.Size() > flowSizeMax:
		return "", action.Bad("%s 太大，不像流程文件（最多 %d kB）", "%s is too large for a flow file (at most %d kB)", path, flowSizeMax>>10)
	}
	b, err := os.ReadFile(path)
	switch {
	case err != nil:
		return "", files.Explain(path, err)
	case !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0:
		return "", action.Bad("%s 不是流程文件：不是 UTF-8 文本", "%s is no flow file: it is not UTF-8 text", path)
	}
	return strings.TrimPrefix(string(b), "\ufeff"), nil
}

// flowText is the flow that flow.run names: one kept with daiban add, else a .flow file in the folder.
func (a *app) flowText(name, dir string) (string, error) {
	if kept, err := a.kept(name); err == nil {
		return kept.text()
	}
	space, err := files.NewSpace(dir)
	if err != nil {
		return "", err
	}
	for _, n := range []string{name, name + ".flow"} {
		if !strings.HasSuffix(n, ".flow") {
			continue
		}
		p, err := space.Abs(n)
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(p); err == nil {
			return readFlow(p)
		}
	}
	return "", action.Missing("没有流程“%s”：用 daiban add 保存，或在文件夹里放 %s.flow", "there is no flow “%s”: keep it with daiban add, or put %s.flow into the folder", name, name)
}

// keptFlow is a flow in the home, under flows/NAME: its versions 1.flow, 2.flow …, and a file `disabled`.
type keptFlow struct {
	Name     string `json:"name"`
	Version  int    `json:"version"`
	Enabled  bool   `json:"enabled"`
	Triggers string `json:"triggers,omitempty"`
	dir      string
}

func (k keptFlow) text() (string, error) {
	return readFlow(filepath.Join(k.dir, strconv.Itoa(k.Version)+".flow"))
}

var flowName = regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}_ .-]{0,79}$`)

func (a *app) kept(name string) (keptFlow, error) {
	if !flowName.MatchString(name) {
		return keptFlow{}, action.Bad("流程名“%s”不能用：只用字母、汉字、数字、空格和 - _ .", "“%s” cannot name a flow: use letters, digits, spaces and - _ .", name)
	}
	k := keptFlow{Name: name, dir: filepath.Join(a.home, "flows", name)}
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return k, action.Missing("没有流程“%s”；daiban flows 列出全部", "there is no flow “%s”; daiban flows lists them", name)
	}
	for _, e := range entries {
		if n, err := strconv.Atoi(strings.TrimSuffix(e.Name(), ".flow")); err == nil {
			k.Version = max(k.Version, n)
		}
	}
	if k.Version == 0 {
		return k, action.Missing("没有流程“%s”", "there is no flow “%s”", name)
	}
	_, err = os.Stat(filepath.Join(k.dir, "disabled"))
	k.Enabled = errors.Is(err, os.ErrNotExist)
	return k, nil
}

// add keeps a flow by name, as a new version.
func (a *app) add(path, name string) error {
	if err := a.open(); err != nil {
		return err
	}
	src, err := readFlow(path)
	if err != nil {
		return err
	}
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(path), ".flow")
	}
	lang := a.lang(src)
	res := check.Check(src, check.Env{Actions: a.actions, Lang: lang, Static: true})
	if hasErrors(res) {
		o, err := a.options("", lang)
		if err != nil {
			return err
		}
		return a.tellPlan(a.checkReport(o, src, res))
	}
	k, err := a.kept(name)
	if err != nil && k.dir == "" {
		return err
	}
	if old, err := k.text(); err == nil && old == src {
		fmt.Fprintln(a.out, say(lang, fmt.Sprintf("%s 没有变化，仍是第 %d 版", name, k.Version), fmt.Sprintf("%s is unchanged: version %d", name, k.Version)))
		return nil
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	k.Version++
	file := filepath.Join(k.dir, strconv.Itoa(k.Version)+".flow")
	if err := writeWhole(file, src); err != nil {
		return err
	}
	fmt.Fprintln(a.out, say(lang, fmt.Sprintf("已保存 %s（第 %d 版）", name, k.Version), fmt.Sprintf("kept %s (version %d)", name, k.Version)))
	return nil
}

// writeWhole writes a file whole or not at all.
func writeWhole(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".part-")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func (a *app) keptFlows() ([]keptFlow, error) {
	entries, err := os.ReadDir(filepath.Join(a.home, "flows"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var out []keptFlow
	for _, e := range entries {
		k, err := a.kept(e.Name())
		if err != nil {
			continue
		}
		if src, err := k.text(); err == nil {
			k.Triggers = triggersOf(src)
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b keptFlow) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func triggersOf(src string) string {
	f, err := flow.Parse(src)
	if err != nil {
		return ""
	}
	var out []string
	for _, s := range f.Steps {
		if s.Kind == flow.TriggerStep {
			out = append(out, flow.PrintStep(s))
		}
	}
	return strings.Join(out, "; ")
}

// enable says whether a kept flow's triggers count.
func (a *app) enable(name string, on bool) error {
	if err := a.open(); err != nil {
		return err
	}
	k, err := a.kept(name)
	if err != nil {
		return err
	}
	mark := filepath.Join(k.dir, "disabled")
	if on {
		if err := os.Remove(mark); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	} else if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return err
	}
	fmt.Fprintln(a.out, say(a.lang(name), map[bool]string{true: "已启用 ", false: "已停用 "}[on]+name, map[bool]string{true: "enabled ", false: "disabled "}[on]+name))
	return nil
}
