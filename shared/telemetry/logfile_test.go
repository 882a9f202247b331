package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const patience = 30 * time.Second

// lines is what a file has, each line parsed.
func lines(t *testing.T, path string) (all []map[string]any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for raw := range bytes.Lines(b) {
		var line map[string]any
		if err := json.Unmarshal(raw, &line); err != nil {
			t.Errorf("%q is no line of JSON: %v", raw, err)
		}
		all = append(all, line)
	}
	return all
}

// finish ends a log, which must be written within the patience.
func finish(t *testing.T, l *loggers) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := l.close(ctx); err != nil {
		t.Error(err)
	}
}

// TestLogFile: the file has JSON whatever standard error has, in folders that were not there, under the host's name.
func TestLogFile(t *testing.T) {
	t.Parallel()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []Format{FormatText, FormatJSON} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var out bytes.Buffer
			l, err := logging(Log{Writer: &out, Format: format, File: filepath.Join(dir, "logs", "app", "numbermill-{host}.json")}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for n := range 1000 {
				l.all.InfoContext(t.Context(), "hello", slog.Int("n", n))
			}
			finish(t, l)
			got := lines(t, filepath.Join(dir, "logs", "app", "numbermill-"+host+".json"))
			if len(got) != 1000 || got[999]["message"] != "hello" || got[999]["numbermill.n"] != 999.0 || l.dropped() != 0 {
				t.Errorf("got %d lines, the last %v, and %d dropped, want 1000 and none", len(got), got[len(got)-1], l.dropped())
			}
			if n := strings.Count(out.String(), "\n"); n != 1000 {
				t.Errorf("got %d lines on standard error, want 1000", n)
			}
		})
	}
}

// TestLogFileGoesOn: a second process of the same name appends.
func TestLogFileGoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.json")
	for range 2 {
		l, err := logging(Log{Writer: discard{}, File: path}, nil)
		if err != nil {
			t.Fatal(err)
		}
		l.all.InfoContext(t.Context(), "hello")
		finish(t, l)
	}
	if got := lines(t, path); len(got) != 2 {
		t.Errorf("got %d lines, want both", len(got))
	}
}

func TestLogFileThatCannotBe(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := logging(Log{Writer: discard{}, File: filepath.Join(file, "a.json")}, nil); !errors.Is(err, ErrLogFile) || !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("got %v, want that there is a file in the way", err)
	}
}

// TestHangingDisk: nobody who logs waits, and neither does the end.
func TestHangingDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.json")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(path, os.O_RDWR, 0) // and nobody reads
	if err != nil {
		t.Fatal(err)
	}
	l, err := logging(Log{Writer: discard{}, File: path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * queuedLines {
		l.all.InfoContext(t.Context(), "hello", slog.String("text", strings.Repeat("x", 100)))
	}
	if l.dropped() == 0 {
		t.Error("nothing was dropped, want what finds no place")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := l.close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that the time is over", err)
	}
	// What hangs goes on when the disk does.
	go func() {
		b := make([]byte, 1<<16)
		for {
			if _, err := pipe.Read(b); err != nil {
				return
			}
		}
	}()
	finish(t, l)
	if err := pipe.Close(); err != nil {
		t.Error(err)
	}
}

// TestQueueIsBoundedInBytes: long lines cannot fill the memory.
func TestQueueIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	l := &logFile{lines: make(chan []byte, queuedLines), elsewhere: slog.New(slog.DiscardHandler)}
	for range 2 * queuedBytes / maxText {
		if _, err := l.Write(make([]byte, maxText)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := len(l.lines), queuedBytes/maxText; got != want {
		t.Errorf("got %d lines of %d bytes in the queue, want %d", got, maxText, want)
	}
}

// TestRotation: the file gives way to a new one before it is too large, and all have names that end alike.
func TestRotation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := &rotated{path: filepath.Join(dir, "a.json")}
	line := append(bytes.Repeat([]byte("x"), 1<<20-1), '\n')
	for range fileMegas + 5 {
		if _, err := r.write(line); err != nil {
			t.Fatal(err)
		}
	}
	r.close()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
		if !strings.HasPrefix(e.Name(), "a") || !strings.HasSuffix(e.Name(), ".json") || info.Mode().Perm()&0o044 == 0 || info.Size() > fileMegas<<20 {
			t.Errorf("got %s of %d bytes with mode %v, want a….json of at most %d MB that others may read", e.Name(), info.Size(), info.Mode(), fileMegas)
		}
	}
	if len(entries) != 2 || total != (fileMegas+5)<<20 {
		t.Errorf("got %d files of %d bytes, want two with all", len(entries), total)
	}
}

// TestTornLine: a line that was written in part spoils no other.
func TestTornLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(path, []byte(`{"message":"to`), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &rotated{path: path} // of a process that was killed
	for n := range 2 {
		if _, err := r.write(fmt.Appendf(nil, "{\"n\":%d}\n", n)); err != nil {
			t.Fatal(err)
		}
	}
	r.close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(b), "{\"message\":\"to\n{\"n\":0}\n{\"n\":1}\n"; got != want {
		t.Errorf("got %q, want %q: one bad line alone", got, want)
	}
}
