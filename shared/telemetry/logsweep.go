package telemetry

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// forgotten is how long nobody has written to a log file whose host is gone: a container, mostly, that another has replaced.
const forgotten = 7 * 24 * time.Hour

// ourBegin is how each of our lines begins.
var ourBegin = []byte(`{"@timestamp":"`)

// sweepLogs removes the log files of other hosts beside a path with {host} that nobody has written to for long, so that replaced containers do
// not fill a volume. It takes none that has not our lines. What cannot be removed stays: the next start tries again.
func sweepLogs(path string, now time.Time) {
	before, after, found := strings.Cut(filepath.Base(path), hostPlace)
	if !found || strings.Contains(filepath.Dir(path), hostPlace) {
		return
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	extension := filepath.Ext(after) // rotated files have a time before it
	for _, e := range entries {
		name := filepath.Join(filepath.Dir(path), e.Name())
		if !strings.HasPrefix(e.Name(), before) || !strings.HasSuffix(e.Name(), extension) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && now.Sub(info.ModTime()) > forgotten && isOurs(name) {
			_ = os.Remove(name) // see above
		}
	}
}

// isOurs tells whether a file begins with a line of ours.
func isOurs(path string) bool {
	f, err := os.Open(path) //nolint:gosec // it stands beside one that the operator names
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // only read
	begin := make([]byte, len(ourBegin))
	_, err = io.ReadFull(f, begin)
	return err == nil && bytes.Equal(begin, ourBegin)
}
