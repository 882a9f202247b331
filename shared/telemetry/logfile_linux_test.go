package telemetry

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Only Linux has /dev/full, a disk without space.

// safe is a buffer that may be read while it is written.
type safe struct {
	mu  sync.Mutex
	out bytes.Buffer
}

// Write takes a line.
func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// TestFullDisk: lines wait, then are dropped, counted and told once; when there is space again what has waited is written.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, back := filepath.Join(dir, "a.json"), filepath.Join(dir, "back")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	var out safe
	l, err := logging(Log{Writer: &out, Format: FormatText, File: path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const more = 2000
	for n := range queuedLines + more {
		l.all.InfoContext(t.Context(), "hello", slog.Int("n", n))
	}
	if got := l.dropped(); got < 1 || got > more {
		t.Errorf("got %d dropped, want at most %d: those that found no place beside what is tried", got, more)
	}
	if n := strings.Count(out.String(), "the log file takes no lines"); n != 1 {
		t.Errorf("it was told %d times, want once", n)
	}
	if err := os.Symlink(back, path+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil { // the disk is back
		t.Fatal(err)
	}
	finish(t, l)
	if got, want := len(lines(t, back)), queuedLines+more-int(l.dropped()); got != want {
		t.Errorf("got %d lines, want the %d that have waited", got, want)
	}
}

// TestFullDiskToTheEnd: what waits is lost and counted, and the end does not wait for the disk.
func TestFullDiskToTheEnd(t *testing.T) {
	t.Parallel()
	l, err := logging(Log{Writer: discard{}, File: "/dev/full"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		l.all.InfoContext(t.Context(), "hello")
	}
	finish(t, l)
	if got := l.dropped(); got != 10 {
		t.Errorf("got %d dropped, want 10", got)
	}
}
