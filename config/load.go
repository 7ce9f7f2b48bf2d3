package config

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// FileName is the name of the settings file in the home.
const FileName = "config.yaml"

// sizeMax bounds the file, in bytes: settings are written by hand.
const sizeMax = 1 << 20

// Load reads the settings of home; without a file they are Default. Mistakes are Errors.
func Load(home string) (*Config, error) {
	path := filepath.Join(home, FileName)
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Default(home), nil
	}
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, sizeMax+1))
}

// Parse reads settings from data; path names the file in errors, and its folder is the home.
func Parse(path string, data []byte) (*Config, error) {
	root, err := parseYAML(path, data)
	if err != nil {
		return nil, err
	}
	d := &decoder{file: path, cfg: Default(filepath.Dir(path))}
	if root != nil {
		d.root(root)
	}
	d.checkSecrets()
	if len(d.errs) > 0 {
		return nil, d.errs
	}
	return d.cfg, nil
}

// parseYAML is the mapping in data, or nil when there is none.
func parseYAML(path string, data []byte) (*yaml.Node, error) {
	if len(data) > sizeMax {
		return nil, Errors{{File: path, ZH: "设置文件大于 1 MiB", EN: "the settings file is larger than 1 MiB"}}
	}
	if !utf8.Valid(data) {
		return nil, Errors{{File: path, ZH: "设置文件不是 UTF-8 文本", EN: "the settings file is not UTF-8 text"}}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); err == io.EOF {
		return nil, nil
	} else if err != nil {
		return nil, Errors{syntaxError(path, err)}
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case err == io.EOF:
	case err != nil:
		return nil, Errors{syntaxError(path, err)}
	default:
		return nil, Errors{{File: path, Line: second.Line, Col: 1, ZH: "设置文件里只能有一份文档（去掉 ---）", EN: "the settings are one document (remove the ---)"}}
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	return root, nil
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntaxError is an error of the YAML parser with its line.
func syntaxError(path string, err error) *Error {
	e := &Error{File: path, Col: 1, ZH: "不是合法的 YAML：" + err.Error(), EN: "not valid YAML: " + err.Error()}
	if m := yamlError.FindStringSubmatch(err.Error()); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.ZH, e.EN = "不是合法的 YAML（"+m[2]+"）", "not valid YAML: "+m[2]
	}
	return e
}
