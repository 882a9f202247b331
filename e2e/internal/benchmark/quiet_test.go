package benchmark

import (
	"context"
	"testing"
)

func TestIsQuiet(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		before, after ticks
		want          bool
	}{
		{ticks{}, ticks{}, true}, // it tells nothing
		{ticks{10, 0, 100}, ticks{15, 0, 200}, true},
		{ticks{10, 0, 100}, ticks{25, 0, 200}, false},
		{ticks{10, 0, 100}, ticks{15, 8, 200}, false},
	} {
		if got := isQuiet(tt.before, tt.after); got != tt.want {
			t.Errorf("from %v to %v: got %t", tt.before, tt.after, got)
		}
	}
}

func TestAwaitQuietEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if AwaitQuiet(ctx, 0) {
		t.Error("it is quiet although nobody looked")
	}
}
