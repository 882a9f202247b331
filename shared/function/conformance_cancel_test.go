package function

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"
)

// ordinaryDigits is how many digits a result may have in tests that the race detector watches. The tests in conformance_large_test.go go
// beyond.
const ordinaryDigits = 1_000_000

// sizable returns arguments that take about the given CPU time, or half a gibibyte or so many digits if that is less: those of the last example, with its
// last argument made to fit.
func sizable(t *testing.T, f *Function, method string, millis, digits int64) Args {
	t.Helper()
	a, ok := f.LargestAdmissible(exampleArgs(t, f, f.Examples[len(f.Examples)-1]), method, Limits{CostMillis: millis, PeakBytes: 1 << 29, Digits: digits})
	if !ok {
		t.Fatalf("not even 0 takes less than %d ms and 512 MiB", millis)
	}
	return a
}

// TestProgressLeaps sees that a computation that one has to wait for tells of itself often.
func TestProgressLeaps(t *testing.T) {
	t.Parallel()
	progressLeaps(t, ordinaryDigits)
}

func progressLeaps(t *testing.T, digits int64) {
	t.Helper()
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			a := sizable(t, f, method, 1500, digits)
			leap, last, start := 0.0, 0.0, time.Now()
			_, err := f.Compute(t.Context(), a, method, Options{Progress: func(fraction float64, _ string) {
				leap, last = max(leap, fraction-last), fraction
			}})
			const most, noticeable = 0.1, 200 * time.Millisecond
			if err != nil || (leap > most && time.Since(start) > noticeable) {
				t.Errorf("progress on %s leapt by %.2f, want at most %.2f; error %v", f.Label(a), leap, most, err)
			}
		})
	}
}

func TestCancelStopsComputing(t *testing.T) {
	t.Parallel()
	cancelStopsComputing(t, ordinaryDigits)
}

func cancelStopsComputing(t *testing.T, digits int64) {
	t.Helper()
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			a := sizable(t, f, method, 20_000, digits)
			for _, share := range []float64{0, 0.02, 0.1} {
				stopsWithin(t, share, func(ctx context.Context, tell func(float64)) error {
					_, err := f.Compute(ctx, a, method, Options{Progress: func(fraction float64, _ string) { tell(fraction) }})
					return err
				})
			}
		})
	}
}

func TestCancelStopsWriting(t *testing.T) {
	t.Parallel()
	cancelStopsWriting(t, ordinaryDigits)
}

func cancelStopsWriting(t *testing.T, digits int64) {
	t.Helper()
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			n, err := f.Compute(t.Context(), sizable(t, f, method, 1500, digits), method, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, share := range []float64{0, 0.1, 0.4} {
				stopsWithin(t, share, func(ctx context.Context, tell func(float64)) error {
					_, err := n.WriteText(ctx, io.Discard, tell)
					return err
				})
			}
		})
	}
}

// stopsWithin runs work, cancels its context some milliseconds after it has told the share, and checks that it returns the context's error
// soon, or has ended by then.
func stopsWithin(t *testing.T, share float64, work func(ctx context.Context, tell func(float64)) error) {
	t.Helper()
	const most = 250 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cancelled := make(chan time.Time, 1)
	armed := false
	err := work(ctx, func(fraction float64) {
		if fraction >= share && !armed {
			armed = true
			time.AfterFunc(rand.N(10*time.Millisecond), func() {
				cancelled <- time.Now()
				cancel()
			})
		}
	})
	end := time.Now()
	if err == nil {
		return
	}
	if late := end.Sub(<-cancelled); !errors.Is(err, context.Canceled) || late > most {
		t.Errorf("cancelled at %v: it returned %v later, want at most %v: %v", share, late, most, err)
	}
}

func TestCancelledBeforeItBegins(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			a := sizable(t, f, method, 1000, ordinaryDigits)
			if _, err := f.Compute(ctx, a, method, Options{}); !errors.Is(err, context.Canceled) {
				t.Errorf("got the error %v, want context.Canceled", err)
			}
		})
	}
}
