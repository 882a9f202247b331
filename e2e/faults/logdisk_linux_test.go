package faults_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// The disk of the log may be full: jobs succeed as fast as without a log file, and nothing piles up. When there is space again the lines that
// have waited are written; those that found no place are counted, and standard error says so.
func TestLogDisk(t *testing.T) {
	begin(t)
	logs := platformtest.Folder(t)
	for _, part := range []string{"api", "worker"} {
		if err := os.Symlink("/dev/full", filepath.Join(logs, part+".json")); err != nil { // a disk without space, on Linux
			t.Fatal(err)
		}
	}
	quiet := watched(t, nil)
	told := watched(t, []string{"--log-file", filepath.Join(logs, "PART.json")})
	told.run(t, sized(400, 40))
	quiet.run(t, sized(400, 40))
	quietBefore, toldBefore := quiet.size(t), told.size(t)
	race(t, "a log on a full disk", quiet, told)
	race(t, "a log on a disk that stays full", quiet, told)
	notGrown(t, quiet.size(t).less(quietBefore), told.size(t).less(toldBefore))

	for _, part := range []string{"api", "worker"} {
		mend(t, filepath.Join(logs, part))
	}
	told.run(t, sized(400, 40))
	lost := told.metric(t, "numbermill_telemetry_dropped_log_lines_total")
	quickEnd(t, told)
	said, complaints := 0, 0
	for _, p := range []*platformtest.Process{told.api, told.worker} {
		for _, line := range p.Err.Lines() {
			if strings.HasPrefix(line.Message(), "the log file takes no lines") {
				complaints++ // on standard error alone
			} else {
				said++
			}
		}
	}
	written := countLines(t, filepath.Join(logs, "api")) + countLines(t, filepath.Join(logs, "worker"))
	note(t, "log lines", "%d, of which %.0f were lost while the disk was full, and said so in %d", said, lost, complaints)
	if written+int(lost) != said {
		t.Errorf("the files have %d lines and %.0f were lost, want all %d", written, lost, said)
	}
	if (complaints > 0) != (lost > 0) {
		t.Errorf("%.0f lines were lost, and it was told %d times", lost, complaints)
	}
}

// mend gives the log file name.json space, and waits until what has waited is being written.
func mend(t *testing.T, name string) {
	t.Helper()
	if err := os.Symlink(name, name+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name+".json"); err != nil {
		t.Fatal(err)
	}
	ctx, again := within(t, platformtest.Patience), newPace(10*time.Millisecond)
	defer again.stop()
	for {
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			return
		}
		if err := again.wait(ctx); err != nil {
			t.Fatalf("no line came into the mended log: %v", err)
		}
	}
}

// countLines counts the lines of a log file, each of which must be JSON.
func countLines(t *testing.T, path string) (n int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		n++
		if !json.Valid(line) {
			t.Errorf("%q is no line of JSON", line)
		}
	}
	return n
}
