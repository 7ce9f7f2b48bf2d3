//go:build unix

package kern

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func cpuTime(t *testing.T) time.Duration {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// A pool that spun would use all of the time on each worker.
func TestPoolSleepsWhenIdle(t *testing.T) {
	p := NewPool(0)
	defer p.Close()
	p.Run(100, func(int) {})
	before := cpuTime(t)
	time.Sleep(300 * time.Millisecond)
	if used := cpuTime(t) - before; used > 60*time.Millisecond {
		t.Errorf("%v of processor time in 300 idle milliseconds", used)
	}
}
