// Command bochs writes what a Linux kernel starts from: an archive that holds one program,
// /init, and the console that it writes to.
package main

import (
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: bochs PROGRAM ARCHIVE")
	}
	program, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var a archive
	a.add("dev", 0o040755, 0, 0, nil)
	a.add("dev/console", 0o020600, 5, 1, nil)
	a.add("init", 0o100755, 0, 0, program)
	a.add("TRAILER!!!", 0, 0, 0, nil)
	if err := os.WriteFile(os.Args[2], a, 0o644); err != nil {
		log.Fatal(err)
	}
}

// An archive is in cpio's "new ASCII" form (Documentation/driver-api/early-userspace/buffer-format.rst
// of the kernel): a head of hexadecimal fields, the name, the data, each filled up to four bytes.
type archive []byte

func (a *archive) add(name string, mode, major, minor int, data []byte) {
	inode := len(*a)
	*a = fmt.Appendf(*a, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\x00",
		inode, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(name)+1, 0, name)
	a.fill()
	*a = append(*a, data...)
	a.fill()
}

func (a *archive) fill() {
	for len(*a)%4 != 0 {
		*a = append(*a, 0)
	}
}
