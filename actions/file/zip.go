package file

import (
	"archive/zip"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/internal/paths"
)

// Zip packs files and folders into a zip archive.
var Zip = action.Define(action.Spec{
	Name:   "file.zip",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Packs files or folders into a zip archive. Names are UTF-8; a folder keeps its name and what is in it.",
	DocZH:  "把文件或文件夹打包成 zip。文件名用 UTF-8；文件夹保留自己的名称和内容。",
	Says:   action.Sentence{ZH: "把 {files_or_folder} 打包成 {to}", EN: "Pack {files_or_folder} into {to}"},
}, zipFiles)

type zipIn struct {
	Files []action.Path `arg:"files_or_folder,positional" doc:"what to pack" zh:"要打包的文件或文件夹"`
	To    action.Path   `arg:"to,out" doc:"path of the archive" zh:"压缩包的路径"`
}

func zipFiles(c *action.Call, in zipIn) (action.Path, error) {
	infos, err := statAll(c, in.Files)
	if err != nil {
		return "", err
	}
	if len(infos) == 0 {
		return "", action.Bad("没有要打包的文件", "there is nothing to pack")
	}
	to, err := paths.Target(c.Files, string(in.To), archiveName(infos))
	if err != nil {
		return "", err
	}
	if ext := paths.Ext(to); !strings.EqualFold(ext, ".zip") {
		return "", action.Bad("只会打包成 .zip，不会 %s", "this packs .zip, not %s", ext)
	}
	p := packer{call: c, root: common(infos), skip: path.Clean(to)}
	for _, info := range infos {
		if err := p.gather(info, 0); err != nil {
			return "", err
		}
	}
	return action.Path(to), p.write(to)
}

// archiveName is what the archive of files is called where only a folder for it is named.
func archiveName(infos []action.Info) string {
	name := "archive"
	if len(infos) == 1 {
		name = paths.Stem(infos[0].Name)
	} else if base := path.Base(common(infos)); base != "." && base != "/" {
		name = base
	}
	return name + ".zip"
}

// common is the deepest folder that holds all of infos.
func common(infos []action.Info) string {
	dir := path.Dir(infos[0].Path)
	for _, i := range infos[1:] {
		for dir != "." && dir != "/" && !strings.HasPrefix(i.Path, dir+"/") {
			dir = path.Dir(dir)
		}
	}
	return dir
}

type packer struct {
	call    *action.Call
	root    string // names in the archive are relative to it
	skip    string // the archive itself
	seen    int    // files and folders
	entries []entry
}

type entry struct {
	name string // in the archive; a folder's ends in /
	info action.Info
}

func (p *packer) gather(info action.Info, depth int) error {
	if depth > depthMax {
		return action.Limit("“%s”里的文件夹超过 %d 层", "the folders in “%s” go deeper than %d", info.Path, depthMax)
	}
	if info.Path == p.skip {
		return nil
	}
	if p.seen++; p.seen > filesMax {
		return action.Limit("要打包的文件超过 %d 个", "there are more than %d files to pack", filesMax)
	}
	name := p.inArchive(info.Path)
	if !info.Dir {
		p.entries = append(p.entries, entry{name, info})
		return nil
	}
	infos, err := p.call.Files.List(info.Path)
	if err != nil {
		return err
	}
	if name != "." {
		p.entries = append(p.entries, entry{name + "/", info})
	}
	for _, i := range infos {
		if err := p.gather(i, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) inArchive(full string) string {
	if p.root == "." {
		return strings.TrimLeft(full, "/")
	}
	return strings.TrimPrefix(strings.TrimPrefix(full, strings.TrimSuffix(p.root, "/")), "/")
}

// write makes the archive: entries in the order of their names, so that the same files give the same bytes.
func (p *packer) write(to string) error {
	slices.SortFunc(p.entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	p.entries = slices.CompactFunc(p.entries, func(a, b entry) bool { return a.name == b.name && a.info.Path == b.info.Path })
	out, err := p.call.Files.Create(to)
	if err != nil {
		return err
	}
	defer out.Abort()
	z := zip.NewWriter(out)
	for i, e := range p.entries {
		if err := p.call.Err(); err != nil {
			return err
		}
		if err := p.add(z, e); err != nil {
			return err
		}
		p.call.Progress(i+1, len(p.entries))
	}
	if err := z.Close(); err != nil {
		return err
	}
	return out.Close()
}

func (p *packer) add(z *zip.Writer, e entry) error {
	h := &zip.FileHeader{Name: e.name, Modified: e.info.ModTime.UTC().Truncate(time.Second), Method: zip.Deflate}
	h.SetMode(e.info.Mode)
	if e.info.Dir {
		h.Method = zip.Store
		_, err := z.CreateHeader(h)
		return err
	}
	f, err := p.call.Files.Open(e.info.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	w, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}
