package kern

import (
	"os"
	"runtime"
	"strings"
	"testing"
)

// What the environment asks for must be what runs: a test of a level that fell back to a
// lower one would say nothing.
func TestLevelIsTheOneAskedFor(t *testing.T) {
	if want := os.Getenv("DAIBAN_KERN"); want != "" && Using().String() != want {
		t.Errorf("DAIBAN_KERN=%s, and the level is %s", want, Using())
	}
}

// Where the system says what the processor has, the level must be no lower.
func TestLevelIsTheBest(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" || os.Getenv("DAIBAN_KERN") != "" {
		t.Skip("no /proc/cpuinfo with names that are known")
	}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Skip(err)
	}
	flags := map[string]bool{}
	for _, f := range strings.Fields(string(info)) {
		flags[f] = true
	}
	want := Plain
	if flags["avx2"] && flags["fma"] && flags["f16c"] {
		want = AVX2
		if flags["avx512f"] && flags["avx512bw"] && flags["avx512dq"] && flags["avx512vl"] && flags["avx512_vnni"] {
			want = AVX512
		}
	}
	if Using() != want {
		t.Errorf("the level is %s, this processor has what %s needs", Using(), want)
	}
}

func TestChoose(t *testing.T) {
	best := supported()
	for want, is := range map[string]Level{"": best, "plain": Plain, "nonsense": best, best.String(): best} {
		if got := choose(want); got != is {
			t.Errorf("choose(%q) = %s, want %s", want, got, is)
		}
	}
}
