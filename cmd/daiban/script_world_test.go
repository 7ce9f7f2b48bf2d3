package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// cmdMade makes a file that a script cannot hold:
//
//	noise FILE [BYTES]      bytes of chance
//	empty FILE              no byte
//	xlsx FILE [PASSWORD]    a workbook 姓名, 金额 with two rows
//	cut FILE PERCENT        the file, cut
//	flip FILE OFFSET        the file with one bit changed
//	locked-pdf FILE PDF     the PDF under a password
//	bomb-zip FILE · bomb-xlsx FILE   200 MB of nothing in 200 kB
//	locked-zip FILE · slip-zip FILE NAME…
//	lines FILE N TEXT       N times TEXT, with {n}
func cmdMade(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: made KIND FILE…")
	}
	path := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o777))
	rest := args[2:]
	number := func(i, or int) int {
		if i >= len(rest) {
			return or
		}
		n, err := strconv.Atoi(rest[i])
		ts.Check(err)
		return n
	}
	write := func(b []byte) { ts.Check(os.WriteFile(path, b, 0o666)) }
	switch args[0] {
	case "noise":
		write(noise(number(0, 5000)))
	case "empty":
		write(nil)
	case "xlsx":
		ts.Check(makeWorkbook(path, strings.Join(rest, "")))
	case "cut":
		b, err := os.ReadFile(path)
		ts.Check(err)
		write(b[:len(b)*number(0, 50)/100])
	case "flip":
		b, err := os.ReadFile(path)
		ts.Check(err)
		b[number(0, 0)%len(b)] ^= 0x10
		write(b)
	case "locked-pdf":
		ts.Check(api.EncryptFile(ts.MkAbs(rest[0]), path, model.NewAESConfiguration("user", "owner", 256)))
	case "bomb-zip":
		write(archive(false, map[string]int64{"a.txt": 200 << 20}))
	case "bomb-xlsx":
		ts.Check(makeWorkbook(path, ""))
		b, err := os.ReadFile(path)
		ts.Check(err)
		write(swell(b, "xl/worksheets/sheet1.xml", 200<<20))
	case "locked-zip":
		write(archive(true, map[string]int64{"a.txt": 20}))
	case "slip-zip":
		entries := map[string]int64{}
		for _, name := range rest {
			entries[name] = 5
		}
		write(archive(false, entries))
	case "lines":
		var b strings.Builder
		for i := range number(0, 1) {
			b.WriteString(strings.ReplaceAll(rest[1], "{n}", strconv.Itoa(i+1)) + "\n")
		}
		write([]byte(b.String()))
	default:
		ts.Fatalf("no maker %s", args[0])
	}
}

func noise(n int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func makeWorkbook(path, password string) error {
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range [][]any{{"姓名", "金额"}, {"张三", 1200.5}, {"李四", 88}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	return f.SaveAs(path, excelize.Options{Password: password})
}

// archive is a zip with entries of so many spaces; locked marks them as encrypted.
func archive(locked bool, entries map[string]int64) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, size := range entries {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		if locked {
			h.Flags |= 1
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			panic(err)
		}
		fill(f, size)
	}
	w.Close()
	return b.Bytes()
}

func fill(w interface{ Write([]byte) (int, error) }, size int64) {
	block := bytes.Repeat([]byte(" "), 1<<20)
	for size > 0 {
		n := min(size, int64(len(block)))
		w.Write(block[:n])
		size -= n
	}
}

// swell is a zip with size more spaces at the end of one entry.
func swell(b []byte, name string, size int64) []byte {
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		panic(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		if f.Name != name {
			w.Copy(f)
			continue
		}
		dst, _ := w.Create(name)
		src, err := f.Open()
		if err != nil {
			panic(err)
		}
		bufio.NewReader(src).WriteTo(dst)
		fill(dst, size)
	}
	w.Close()
	return out.Bytes()
}

// cmdTree writes what a folder holds to a file, so that two moments can be compared.
func cmdTree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tree FILE DIR")
	}
	text, err := treeOf(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}

// treeOf tells what root holds: a line for each name, with mode, time and hash of files and the goal of links.
func treeOf(root string) (string, error) {
	var b strings.Builder
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		fmt.Fprintf(&b, "%s %s", rel, info.Mode())
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			to, _ := os.Readlink(p)
			fmt.Fprintf(&b, " -> %s", to)
		case !d.IsDir():
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %s %x", info.ModTime().UTC().Format("2006-01-02T15:04:05.000000000"), sha256.Sum256(data))
		}
		b.WriteByte('\n')
		return nil
	})
	return b.String(), err
}

// cmdSMTP starts a mail server of its own kind: ok takes every mail, refuse answers 550, drop hangs up
// after the content, hang never answers it. Its address is $SMTP; the settings of the home name it.
func cmdSMTP(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: smtp ok|refuse|drop|hang")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv("SMTP", l.Addr().String())
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveMail(c, args[0])
		}
	}()
	home := ts.Getenv("DAIBAN_HOME")
	ts.Check(os.MkdirAll(home, 0o700))
	ts.Check(os.WriteFile(filepath.Join(home, "config.yaml"), []byte("mail: {from: robot@example.com, smtp: \"smtp://"+l.Addr().String()+"\"}\n"), 0o600))
}

func serveMail(c net.Conn, mode string) {
	defer c.Close()
	r := bufio.NewReader(c)
	say := func(s string) { fmt.Fprintf(c, "%s\r\n", s) }
	say("220 test")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " "); {
		case verb == "EHLO" || verb == "HELO":
			say("250 test")
		case verb == "RCPT" && mode == "refuse":
			say("550 5.1.1 no such user")
		case verb == "DATA":
			say("354 go on")
			for line != ".\r\n" {
				if line, err = r.ReadString('\n'); err != nil {
					return
				}
			}
			switch mode {
			case "drop":
				return
			case "hang":
				r.ReadByte()
				return
			}
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}
