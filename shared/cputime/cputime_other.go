//go:build !linux

package cputime

import "time"

func process() time.Duration { return elapsed() }

func thread() time.Duration { return elapsed() }
