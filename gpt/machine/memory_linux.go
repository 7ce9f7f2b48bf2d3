package machine

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

// memory is all of it, and what could be taken without swapping, both within the limit that
// the control group of this process sets.
func memory() (total, free int64) {
	total, free = meminfo("/proc/meminfo")
	limit, used := group("/sys/fs/cgroup")
	if limit > 0 && limit < total {
		total, free = limit, min(free, limit-used)
	}
	return total, max(free, 0)
}

func meminfo(path string) (total, free int64) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		name, rest, _ := strings.Cut(sc.Text(), ":")
		kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		if err != nil || kb < 0 || kb > 1<<50 {
			continue
		}
		switch name {
		case "MemTotal":
			total = kb << 10
		case "MemAvailable":
			free = kb << 10
		}
	}
	return total, free
}

// group is the limit of the control group (version 2, or else 1) and what counts against it;
// pages of files that can be dropped do not.
func group(dir string) (limit, used int64) {
	limit, used = number(dir+"/memory.max"), number(dir+"/memory.current")
	if limit == 0 {
		limit, used = number(dir+"/memory/memory.limit_in_bytes"), number(dir+"/memory/memory.usage_in_bytes")
		dir += "/memory"
	}
	return limit, max(used-inactive(dir+"/memory.stat"), 0)
}

func inactive(path string) int64 {
	b, _ := os.ReadFile(path)
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "inactive_file "); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
			return n
		}
	}
	return 0
}

// number is what a file holds; 0 where there is none, or "max".
func number(path string) int64 {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n
}
