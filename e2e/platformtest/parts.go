package platformtest

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"numbermill/shared/redistest"
)

// anyPort lets the system choose a free port.
const anyPort = "127.0.0.1:0"

// Up starts `numbermill up` on a data folder and waits until it is ready. It needs a redis-server.
func Up(tb testing.TB, data string, args ...string) (*Process, *Client) {
	tb.Helper()
	redistest.Need(tb)
	p := Start(tb, UpCommand(data, args...))
	return p, NewClient(tb, p.AwaitReady(tb))
}

// UpCommand is `numbermill up` on a data folder and a free port.
func UpCommand(data string, args ...string) Command {
	return Command{Args: append([]string{"up", "--listen", anyPort, "--data", data}, args...)}
}

// API starts `numbermill api` and waits until it is ready.
func API(tb testing.TB, redisURL, results string, args ...string) (*Process, *Client) {
	tb.Helper()
	p := Start(tb, APICommand(redisURL, results, args...))
	return p, NewClient(tb, p.AwaitReady(tb))
}

// APICommand is `numbermill api` on a free port.
func APICommand(redisURL, results string, args ...string) Command {
	return Command{Args: append([]string{"api", "--listen", anyPort, "--redis", redisURL, "--results", results}, args...)}
}

// Worker starts `numbermill worker` and waits until it is ready.
func Worker(tb testing.TB, redisURL, results string, args ...string) *Process {
	tb.Helper()
	p := Start(tb, WorkerCommand(redisURL, results, args...))
	p.AwaitReady(tb)
	return p
}

// WorkerCommand is `numbermill worker`.
func WorkerCommand(redisURL, results string, args ...string) Command {
	return Command{Args: append([]string{"worker", "--redis", redisURL, "--results", results}, args...)}
}

// Blobs returns the files of digits in a folder of results, whether a job refers to them or not. What an attempt had not finished when
// it was killed is none.
func Blobs(tb testing.TB, results string) []string {
	tb.Helper()
	var found []string
	err := filepath.WalkDir(results, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".txt") {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		tb.Fatalf("look for digits: %v", err)
	}
	return found
}
