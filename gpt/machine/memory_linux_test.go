package machine

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMeminfo(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("meminfo", "MemTotal:       16300 kB\nMemFree:  1 kB\nMemAvailable:   200 kB\nHugePages_Total: 0\nbad line\n")
	if total, free := meminfo(filepath.Join(dir, "meminfo")); total != 16300<<10 || free != 200<<10 {
		t.Errorf("%d %d", total, free)
	}
	write("memory.max", "max\n")
	if limit, _ := group(dir); limit != 0 {
		t.Errorf("no limit is %d", limit)
	}
	write("memory.max", "1000\n")
	write("memory.current", "700\n")
	write("memory.stat", "anon 5\ninactive_file 300\n")
	if limit, used := group(dir); limit != 1000 || used != 400 {
		t.Errorf("limit %d, used %d", limit, used)
	}
}
