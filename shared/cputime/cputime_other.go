//go:build !linux

package cputime

import "time"

func process() time.Duration { return elapsed() }

func current() int { return 0 }

func used(int) time.Duration { return elapsed() }
