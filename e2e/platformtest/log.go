package platformtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// tailLines is how many lines of a log are shown when a test fails.
const tailLines = 40

// Line is one line of a log.
type Line struct {
	// Raw is the line as it was written.
	Raw string
	// Fields are its members, if it is a JSON object.
	Fields map[string]any
}

// Message is what the line says.
func (l Line) Message() string { return l.Text("message") }

// Text returns a member as it would be printed, and "" if the line has none of that name.
func (l Line) Text(key string) string {
	v, ok := l.Fields[key]
	if !ok {
		return ""
	}
	return fmt.Sprint(v)
}

// Log gathers what a process writes to one of its streams, line by line. It is safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	partial []byte
	lines   []Line
	changed chan struct{} // closed and replaced with every change
	ended   bool
}

func newLog() *Log { return &Log{changed: make(chan struct{})} }

// Write takes more output. It never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = append(l.partial, p...)
	for {
		raw, rest, complete := bytes.Cut(l.partial, []byte("\n"))
		if !complete {
			break
		}
		l.add(string(raw))
		l.partial = rest
	}
	return len(p), nil
}

// end says that nothing more will come.
func (l *Log) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.partial) > 0 {
		l.add(string(l.partial))
		l.partial = nil
	}
	l.ended = true
	l.signal()
}

func (l *Log) add(raw string) {
	line := Line{Raw: raw}
	if strings.HasPrefix(raw, "{") {
		_ = json.Unmarshal([]byte(raw), &line.Fields) // what is no JSON has no fields
	}
	l.lines = append(l.lines, line)
	l.signal()
}

func (l *Log) signal() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// Lines returns what was written so far.
func (l *Log) Lines() []Line {
	lines, _, _ := l.from(0)
	return lines
}

// Find returns the lines so far for which match is true.
func (l *Log) Find(match func(Line) bool) []Line {
	var found []Line
	for _, line := range l.Lines() {
		if match(line) {
			found = append(found, line)
		}
	}
	return found
}

// from returns the lines from the i-th on, a channel that is closed when there are more, and whether there will be none.
func (l *Log) from(i int) (lines []Line, changed <-chan struct{}, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Line(nil), l.lines[i:]...), l.changed, l.ended
}

// search returns the first line for which match is true. It gives up with an error when the process has ended or ctx has.
func (l *Log) search(ctx context.Context, match func(Line) bool) (Line, error) {
	seen := 0
	for {
		lines, changed, ended := l.from(seen)
		seen += len(lines)
		for _, line := range lines {
			if match(line) {
				return line, nil
			}
		}
		if ended {
			return Line{}, fmt.Errorf("the process ended after %d lines without it", seen)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Line{}, fmt.Errorf("it is not among the %d lines so far: %w", seen, ctx.Err())
		}
	}
}

// Await returns the first line for which match is true, written before or within the timeout; the test fails if there is none.
func (l *Log) Await(tb testing.TB, timeout time.Duration, what string, match func(Line) bool) Line {
	tb.Helper()
	_, line := AwaitAny(tb, timeout, what, match, l)
	return line
}

// AwaitAny is Await over several logs. It returns which of them has the line.
func AwaitAny(tb testing.TB, timeout time.Duration, what string, match func(Line) bool, logs ...*Log) (int, Line) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	type finding struct {
		i    int
		line Line
		err  error
	}
	findings := make(chan finding, len(logs))
	for i, l := range logs {
		go func() {
			line, err := l.search(ctx, match)
			findings <- finding{i, line, err}
		}()
	}
	var errs []error
	for range logs {
		f := <-findings
		if f.err == nil {
			return f.i, f.line
		}
		errs = append(errs, f.err)
	}
	tb.Fatalf("wait for %s in the log: %v", what, errors.Join(errs...))
	return 0, Line{}
}

// text returns all lines.
func (l *Log) text() string {
	var b strings.Builder
	for _, line := range l.Lines() {
		b.WriteString(line.Raw + "\n")
	}
	return b.String()
}

// tail returns the last lines.
func (l *Log) tail() string {
	lines := l.Lines()
	lines = lines[max(0, len(lines)-tailLines):]
	raw := make([]string, len(lines))
	for i, line := range lines {
		raw[i] = line.Raw
	}
	return strings.Join(raw, "\n")
}
