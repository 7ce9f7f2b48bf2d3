// Daiban turns a request into a checked flow, carries it out, and keeps the record.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // zones of triggers, where the system has none
)

func main() {
	debug.SetGCPercent(300) // short work on tables: a little memory for a tenth of the time
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Main is the whole program; it gives the exit status.
func Main(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	a := &app{in: in, out: out, err: errw}
	return a.execute(ctx, args)
}
