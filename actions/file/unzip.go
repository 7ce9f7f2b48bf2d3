package file

import (
	"archive/zip"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"daiban/action"
	"daiban/actions/internal/charset"
	"daiban/actions/internal/paths"
)

// Unzip unpacks an archive.
var Unzip = action.Define(action.Spec{
	Name:   "file.unzip",
	Effect: action.Writes,
	Again:  action.Same,
	Doc: "Unpacks zip, tar, tar.gz and tar.bz2 archives into the folder to; without it, into a folder beside the archive and named like it. " +
		"A single file (a.csv.gz) is unpacked beside. GBK and Big5 names are recognised. Files that are there already are replaced, and kept in the trash.",
	DocZH: "把 zip、tar、tar.gz、tar.bz2 解压到 to 文件夹；不写 to 就解压到压缩包旁边的同名文件夹。" +
		"单个文件（a.csv.gz）解压到旁边。能识别 GBK 和 Big5 文件名。已有的文件被替换，旧的进回收区。",
	Says: action.Sentence{ZH: "解压 {file}[ 到 {to}]", EN: "Unpack {file}[ into {to}]"},
}, unzip)

type unzipIn struct {
	Files []action.Path `arg:"file,positional" doc:"the archive, or several" zh:"压缩包，可以几个"`
	To    action.Path   `arg:"to,optional,out,folder" doc:"the folder" zh:"解压到的文件夹"`
}

func unzip(c *action.Call, in unzipIn) ([]action.Path, error) {
	infos, err := statAll(c, in.Files)
	if err != nil {
		return nil, err
	}
	u := unpacker{call: c, from: map[string]string{}}
	u.bytesMax, u.ratioMax = c.Settings.SizeMax()
	for _, info := range infos {
		if err := u.archive(info, paths.Slash(string(in.To))); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(u.made, func(a, b action.Path) int { return paths.Natural(string(a), string(b)) })
	return u.made, nil
}

// entriesMax bounds the files in one archive.
const entriesMax = 200_000

// ratioFloor is how much an archive may unpack to whatever its own size, in bytes.
const ratioFloor = 1 << 20

// unpacker writes what archives hold.
type unpacker struct {
	call               *action.Call
	bytesMax, ratioMax int64

	// Of the archive at hand.
	name   string // as named in messages
	folder string // where it goes
	strip  string // a leading folder that is left out
	left   int64  // bytes that may still come
	count  int

	from map[string]string // target: the archive it came from
	made []action.Path
}

func (u *unpacker) archive(info action.Info, to string) error {
	if info.Dir {
		return action.Bad("“%s”是文件夹，不是压缩包", "“%s” is a folder, not an archive", info.Path)
	}
	f, err := u.call.Files.Open(info.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	u.name, u.strip, u.count = info.Path, "", 0
	u.left = min(u.bytesMax, max(ratioFloor, f.Size()*u.ratioMax))
	named := folderBeside(info.Path)
	u.folder = to
	if to == "" {
		u.folder = named
	}
	read, lone, err := opener(f, info)
	if err != nil {
		return err
	}
	if lone && to == "" {
		u.folder = path.Dir(info.Path)
		return read(u, f)
	}
	if err := u.call.Files.Mkdir(u.folder); err != nil {
		return err
	}
	if to == "" {
		u.strip = path.Base(named)
	}
	return read(u, f)
}

// folderBeside is the folder that an archive is unpacked into when none is named.
func folderBeside(p string) string {
	stem := paths.Stem(p)
	if stem == path.Base(p) {
		stem += "_files"
	}
	return paths.Join(path.Dir(p), stem)
}

// member is one file of an archive.
type member struct {
	name string // as the archive has it
	dir  bool
	skip string // why it cannot be unpacked: a link, a device
	open func() (io.Reader, error)
}

// put writes m; all names have been seen by unwrap before.
func (u *unpacker) put(m member) error {
	if err := u.call.Err(); err != nil {
		return err
	}
	name, err := u.safe(m.name)
	if err != nil || name == "" {
		return err
	}
	if u.count++; u.count > entriesMax {
		return action.Limit("“%s”里的文件超过 %d 个", "“%s” holds more than %d files", u.name, entriesMax)
	}
	target := paths.Join(u.folder, name)
	switch {
	case m.skip != "":
		u.call.Note("warning", "“"+u.name+"”里的链接“"+name+"”没有解压", "the link “"+name+"” in “"+u.name+"” was not unpacked")
		return nil
	case m.dir:
		return u.call.Files.Mkdir(target)
	}
	if other, ok := u.from[target]; ok && other != u.name {
		return action.Bad("“%s”和“%s”里都有“%s”，请解压到不同的文件夹", "“%s” and “%s” both hold “%s”; unpack them into different folders", other, u.name, name)
	}
	if err := u.write(target, m); err != nil {
		return err
	}
	if _, ok := u.from[target]; !ok {
		u.made = append(u.made, action.Path(target))
	}
	u.from[target] = u.name
	return nil
}

func (u *unpacker) write(target string, m member) error {
	r, err := m.open()
	if err != nil {
		return u.broken(err)
	}
	if closer, ok := r.(io.Closer); ok {
		defer closer.Close()
	}
	w, err := u.call.Files.Create(target)
	if err != nil {
		return err
	}
	defer w.Abort()
	n, err := io.Copy(w, &readErrors{r: io.LimitReader(r, u.left+1), wrap: u.broken})
	if err != nil {
		return err
	}
	if u.left -= n; u.left < 0 {
		return action.Limit("“%s”解压后太大（超过 %d MB，或压缩包的 %d 倍），停下了", "“%s” unpacks to too much (above %d MB, or %d times its size); stopped",
			u.name, u.bytesMax>>20, u.ratioMax)
	}
	return w.Close()
}

// readErrors marks the errors of reading an archive, apart from those of writing.
type readErrors struct {
	r    io.Reader
	wrap func(error) error
}

func (e *readErrors) Read(b []byte) (int, error) {
	n, err := e.r.Read(b)
	if err != nil && err != io.EOF {
		err = e.wrap(err)
	}
	return n, err
}

func (u *unpacker) broken(err error) error {
	return action.Bad("“%s”损坏，读不出来（%v）", "“%s” is damaged and cannot be read (%v)", u.name, err)
}

// safe is a name of the archive as a path below the folder; "" for what is left out.
func (u *unpacker) safe(raw string) (string, error) {
	name := paths.Slash(raw)
	if strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' || slices.Contains(strings.Split(name, "/"), "..") {
		return "", action.Bad("“%s”里的“%s”会写到文件夹外面，没有解压", "“%[2]s” in “%[1]s” would be written outside of the folder; nothing was unpacked", u.name, raw)
	}
	name = path.Clean(name)
	if name == "." || strings.HasPrefix(name, "__MACOSX/") || name == "__MACOSX" || path.Base(name) == ".DS_Store" {
		return "", nil
	}
	if u.strip != "" {
		if name == u.strip {
			return "", nil
		}
		name = strings.TrimPrefix(name, u.strip+"/")
	}
	return name, nil
}

// unwrap keeps strip only when all names lie in that folder: a.zip with a/… gives a/…, not a/a/….
func (u *unpacker) unwrap(names []string) {
	for _, n := range names {
		n = path.Clean(paths.Slash(n))
		if n != u.strip && !strings.HasPrefix(n, u.strip+"/") && !strings.HasPrefix(n, "__MACOSX") {
			u.strip = ""
			return
		}
	}
}

// nameEncoding is the encoding of those names of an archive that are not UTF-8: GBK, unless all of
// them together look like Big5.
func nameEncoding(files []*zip.File) charset.Encoding {
	var all []byte
	for _, f := range files {
		if !utf8.ValidString(f.Name) {
			all = append(append(all, f.Name...), '\n')
		}
	}
	if e, _, err := charset.Find(all, true); err == nil && e == charset.Big5 {
		return e
	}
	return charset.GB18030
}

// nameText is a name of an archive that does not say its encoding: UTF-8 where it is that, else e.
func nameText(name string, e charset.Encoding) string {
	if utf8.ValidString(name) {
		return name
	}
	return strings.ReplaceAll(e.Decode([]byte(name)), "\uFFFD", "_")
}
