package datadir_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"numbermill/cli/internal/datadir"
)

func TestOneProcessAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "not", "there", "yet")
	d := open(t, path)
	_, err := datadir.Open(path)
	used, ok := errors.AsType[*datadir.InUseError](err)
	if !ok {
		t.Fatalf("a second Open gives %v, want an InUseError", err)
	}
	if used.PID != os.Getpid() || !strings.Contains(err.Error(), used.Path) {
		t.Errorf("the error is %q for process %d, want this process, %d, and the path in it", err, used.PID, os.Getpid())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

func TestFolderIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	open(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v (%v), want it closed to others", info.Mode(), err)
	}
}

func TestPassingIsEmptied(t *testing.T) {
	t.Parallel()
	d := open(t, t.TempDir())
	passing, err := d.Passing()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(passing, "old"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Passing(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(passing); !os.IsNotExist(err) {
		t.Errorf("what was in the folder is still there (%v)", err)
	}
}

// TestDefault changes the environment, so nothing runs beside it.
func TestDefault(t *testing.T) {
	t.Setenv("HOME", "/home/ada")
	tests := map[string]string{
		"":        "/home/ada/.local/share/numbermill",
		"/srv":    "/srv/numbermill",
		"not/abs": "/home/ada/.local/share/numbermill",
	}
	for xdg, want := range tests {
		t.Setenv("XDG_DATA_HOME", xdg)
		if got, err := datadir.Default(); err != nil || got != want {
			t.Errorf("with XDG_DATA_HOME=%q it is %q (%v), want %q", xdg, got, err, want)
		}
	}
}

func open(t *testing.T, path string) *datadir.Dir {
	t.Helper()
	d, err := datadir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}
