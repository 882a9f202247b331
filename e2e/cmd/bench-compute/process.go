package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// sample is one run of an engine.
type sample struct {
	told   told
	whole  phase  // of the process, from its start to its end
	peak   int64  // most memory that it held, in bytes
	digest string // SHA-256 of the digits, in hexadecimal
	digits int64
}

// output is what a process wrote, and what it cost.
type output struct {
	stdout, stderr []byte
	whole          phase
	peak           int64
}

// execute runs a program to its end. The error names what the program said last.
func execute(ctx context.Context, p program) (output, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, p.path, p.arguments...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} { // nothing else that would change how an engine works
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Env = append(cmd.Env, p.variables...)
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start).Seconds()
	if ctx.Err() != nil {
		return output{}, fmt.Errorf("interrupted: %w", ctx.Err())
	}
	if err != nil {
		return output{}, fmt.Errorf("%w%s", err, lastLine(stderr.String()))
	}
	o := output{stdout: stdout.Bytes(), stderr: stderr.Bytes(), whole: phase{wall: wall}}
	o.whole.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		o.peak = peakBytes(usage.Maxrss)
	}
	return o, nil
}

// peakBytes gives the unit of getrusage, which is a byte on Apple's systems and a kilobyte elsewhere.
func peakBytes(maxrss int64) int64 {
	if runtime.GOOS == "darwin" {
		return maxrss
	}
	return maxrss << 10
}

// lastLine returns the last line that has something in it and is no hint, set off by a colon.
func lastLine(text string) string {
	lines := strings.Split(text, "\n")
	for _, line := range slices.Backward(lines) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "hint:") {
			return ": " + line
		}
	}
	return ""
}

// once lets an engine compute a task into the file, which is gone afterwards.
func once(ctx context.Context, e engine, t task, file string) (sample, error) {
	defer func() { _ = os.Remove(file) }() // if it stays, the folder goes at the end
	out, err := execute(ctx, e.program(t, file))
	if err != nil {
		return sample{}, err
	}
	s := sample{whole: out.whole, peak: out.peak}
	if s.told, err = e.phases(out.stdout, out.stderr); err != nil {
		return sample{}, err
	}
	s.digest, s.digits, err = digest(file)
	return s, err
}

// digest returns the SHA-256 of a file and its length.
func digest(path string) (sum string, size int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, fmt.Errorf("open the digits: %w", err)
	}
	hash := sha256.New()
	size, err = io.Copy(hash, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", 0, fmt.Errorf("read the digits: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), size, nil
}
