package redisserver

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"strings"
	"sync"
)

// tailLines is how much of the server's output is kept, for the error if it does not start.
const tailLines = 15

// logLine is how redis-server logs: process, role, date, level (. - * # from least to most) and message.
var logLine = regexp.MustCompile(`^\d+:\w+ .{10,32}? ([.\-*#]) (.*)$`)

// trouble is what a line is about that somebody should read.
var trouble = regexp.MustCompile(`(?i)error|fail|can't|unable|crash|corrupt|damaged|bad file|out of memory|no space|truncat`)

// output passes what the server prints to the log. It is written by one goroutine of os/exec.
type output struct {
	logger  *slog.Logger
	partial []byte

	mu    sync.Mutex
	lines []string
}

// Write never fails.
func (o *output) Write(p []byte) (int, error) {
	o.partial = append(o.partial, p...)
	for {
		line, rest, complete := bytes.Cut(o.partial, []byte("\n"))
		if !complete {
			return len(p), nil
		}
		o.line(strings.TrimSpace(string(line)))
		o.partial = append([]byte(nil), rest...)
	}
}

func (o *output) line(text string) {
	if text == "" {
		return
	}
	o.mu.Lock()
	o.lines = append(o.lines, text)
	o.lines = o.lines[max(0, len(o.lines)-tailLines):]
	o.mu.Unlock()

	level, text := classify(text)
	o.logger.LogAttrs(context.Background(), level, "redis-server says", slog.String("line", text))
}

// classify tells how much a line matters to a person. Redis marks a great deal as a warning, its greeting too; lines that begin with
// WARNING are about settings of the machine that are usual on a desktop.
func classify(line string) (slog.Level, string) {
	parts := logLine.FindStringSubmatch(line)
	if parts == nil {
		return slog.LevelDebug, line
	}
	mark, text := parts[1], parts[2]
	if mark == "#" && !strings.HasPrefix(text, "WARNING") && trouble.MatchString(text) {
		return slog.LevelWarn, text
	}
	return slog.LevelDebug, text
}

// tail returns the last lines.
func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.lines, "\n")
}
