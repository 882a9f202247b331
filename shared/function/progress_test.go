package function_test

import (
	"bytes"
	"sync/atomic"
	"testing"

	"numbermill/shared/function"
)

// TestGoroutinesAreStartedAsTold sees that those that compute go through Options.Go, and that the result is the same.
func TestGoroutinesAreStartedAsTold(t *testing.T) {
	t.Parallel()
	f, _ := function.Lookup("fibonacci")
	a, err := f.ParseText(map[string]string{"n": "5000000"})
	if err != nil {
		t.Fatal(err)
	}
	var started atomic.Int64
	var texts [2]bytes.Buffer
	for i, start := range []func(func()){nil, func(work func()) { started.Add(1); go work() }} {
		result, err := f.Compute(t.Context(), a, function.DefaultMethod, function.Options{Threads: 3, Go: start})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := result.WriteText(t.Context(), &texts[i], nil); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(texts[0].Bytes(), texts[1].Bytes()) {
		t.Error("the results differ")
	}
	// One engine has two other goroutines at a time, and two for squares that are made at the same time.
	if got := started.Load(); got < 1 || got > 4 {
		t.Errorf("%d goroutines were started, want a few that stay", got)
	}
}
