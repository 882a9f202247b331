package platformtest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Binary returns the path of the program under test: $NUMBERMILL_BIN, else bin/numbermill of the tree. Without it the test is
// skipped, or fails if CI=true.
func Binary(tb testing.TB) string {
	tb.Helper()
	path, err := findBinary()
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") == "true":
		tb.Fatalf("%v, and with CI=true it must be there", err)
	default:
		tb.Skipf("%v; run `make build` first, or name another binary in NUMBERMILL_BIN", err)
	}
	return ""
}

func findBinary() (string, error) {
	if path := os.Getenv("NUMBERMILL_BIN"); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", errors.New("NUMBERMILL_BIN names a file that is not there")
		}
		return filepath.Abs(path)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(dir, "bin", "numbermill")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("bin/numbermill is not built")
		}
		dir = parent
	}
}
