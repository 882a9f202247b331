//go:build !linux

package transform

import "runtime"

// yieldThread gives way to other goroutines, where nothing better is known.
func yieldThread() { runtime.Gosched() }
