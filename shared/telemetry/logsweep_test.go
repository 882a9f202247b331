package telemetry

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSweepLogs(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Now()
	const ours = `{"@timestamp":"2026-01-01T00:00:00.000000Z","process.pid":1}` + "\n"
	for name, file := range map[string]struct {
		text string
		age  time.Duration
	}{
		"app-gone.json": {ours, 8 * 24 * time.Hour}, "app-gone-2026-01-01T00-00-00.000.json": {ours, 9 * 24 * time.Hour},
		"app-lately.json": {ours, 6 * 24 * time.Hour}, "app-of-another.json": {`{"a":1}`, 99 * 24 * time.Hour},
		"other-gone.json": {ours, 99 * 24 * time.Hour}, "app-gone.txt": {ours, 99 * 24 * time.Hour}, "app-empty.json": {"", 99 * 24 * time.Hour},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(file.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now, now.Add(-file.age)); err != nil {
			t.Fatal(err)
		}
	}
	sweepLogs(filepath.Join(dir, "app-lately.json"), now) // names no host
	if got := names(t, dir); len(got) != 7 {
		t.Errorf("got %q, want all while the path names no host", got)
	}
	sweepLogs(filepath.Join(dir, "app-{host}.json"), now)
	want := []string{"app-empty.json", "app-gone.txt", "app-lately.json", "app-of-another.json", "other-gone.json"}
	if diff := cmp.Diff(want, names(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	sweepLogs(filepath.Join(dir, "not", "there-{host}.json"), now)
}

// names are the files of a folder, sorted.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
