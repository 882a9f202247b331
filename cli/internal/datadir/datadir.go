// Package datadir is the folder in which `numbermill up` keeps everything: its layout, and the lock that lets one process use it.
package datadir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// Dir is a locked folder.
type Dir struct {
	path string
	lock *flock.Flock
}

// InUseError says that another process holds the folder.
type InUseError struct {
	Path string
	PID  int // of the other process, or 0 if that is not known
}

// Error names the folder and the process.
func (e *InUseError) Error() string {
	if e.PID == 0 {
		return "another numbermill uses " + e.Path
	}
	return fmt.Sprintf("another numbermill, process %d, uses %s", e.PID, e.Path)
}

// Default returns $XDG_DATA_HOME/numbermill, or ~/.local/share/numbermill.
func Default() (string, error) {
	if base := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "numbermill"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find a place for the data: %w", err)
	}
	return filepath.Join(home, ".local", "share", "numbermill"), nil
}

// Open makes the folder if it is missing and locks it until Close or the end of the process. The error is an *InUseError if another
// process has it.
func Open(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	d := &Dir{path, flock.New(filepath.Join(path, "lock"), flock.SetPermissions(0o600))}
	locked, err := d.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if !locked {
		return nil, &InUseError{path, d.holder()}
	}
	// The file stays when the lock goes: only so can nobody lock a file that is being removed.
	if err := os.WriteFile(d.lock.Path(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("sign the lock of the data folder: %w", err), d.Close())
	}
	return d, nil
}

// holder returns the process id that the lock's holder has written down, or 0.
func (d *Dir) holder() int {
	text, err := os.ReadFile(d.lock.Path())
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

// Path is the folder itself, absolute.
func (d *Dir) Path() string { return d.path }

// Redis is the folder of the private redis-server.
func (d *Dir) Redis() string { return filepath.Join(d.path, "redis") }

// Results is the folder of the digits.
func (d *Dir) Results() string { return filepath.Join(d.path, "results") }

// Passing returns the folder of digits whose records end with the process, empty.
func (d *Dir) Passing() (string, error) {
	path := filepath.Join(d.path, "passing")
	if err := os.RemoveAll(path); err != nil {
		return "", fmt.Errorf("clear the folder of passing results: %w", err)
	}
	return path, nil
}

// Close lets others use the folder.
func (d *Dir) Close() error {
	if err := d.lock.Unlock(); err != nil {
		return fmt.Errorf("unlock the data folder: %w", err)
	}
	return nil
}
