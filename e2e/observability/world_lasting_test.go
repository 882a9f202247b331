package observability_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// lasting is a test that ends with the process rather than with the test that it began as: the world's Elasticsearch lives by it.
type lasting struct {
	testing.TB

	over     bool // the test is over, and only what is lasting goes on
	cleanups []func()
	failed   bool
}

// Cleanup runs f when the process ends.
func (l *lasting) Cleanup(f func()) { l.cleanups = append(l.cleanups, f) }

// Logf is for the test as long as it runs.
func (l *lasting) Logf(format string, args ...any) {
	if !l.over {
		l.TB.Logf(format, args...)
		return
	}
	_, _ = fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// Errorf fails the test as long as it runs, and the process afterwards.
func (l *lasting) Errorf(format string, args ...any) {
	if !l.over {
		l.TB.Errorf(format, args...)
		return
	}
	l.failed = true
	l.Logf(format, args...)
}

// end runs what was to be run at the end.
func (l *lasting) end() {
	l.over = true
	for _, f := range slices.Backward(l.cleanups) {
		f()
	}
	l.cleanups = nil
}
