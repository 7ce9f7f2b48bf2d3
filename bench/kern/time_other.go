//go:build !linux

package main

import "time"

// cpuTime: elsewhere the clock must do.
func cpuTime() time.Duration { return time.Since(begun) }
