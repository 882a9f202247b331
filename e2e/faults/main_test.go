package faults_test

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// soak is whether the full runs are wanted: NUMBERMILL_SOAK=1, as `make soak` says.
var soak = os.Getenv("NUMBERMILL_SOAK") != ""

// TestMain prints what the full runs have measured.
func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel != nil && parallel.Value.String() == parallel.DefValue {
		_ = parallel.Value.Set("4") // most of the time they wait
	}
	code := m.Run()
	if soak {
		figures.print(os.Stdout)
	}
	os.Exit(code)
}

// figures are what was measured, over all runs.
var figures board

type board struct {
	mu   sync.Mutex
	rows [][3]string
}

// note keeps a figure of a run for the table, and logs it.
func note(t *testing.T, what, format string, args ...any) {
	t.Helper()
	text := fmt.Sprintf(format, args...)
	t.Logf("%s: %s", what, text)
	figures.mu.Lock()
	defer figures.mu.Unlock()
	figures.rows = append(figures.rows, [3]string{strings.TrimPrefix(t.Name(), "Test"), what, text})
}

func (b *board) print(w io.Writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nRUN\tWHAT\tFIGURE")
	for _, row := range b.rows {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", row[0], row[1], row[2])
	}
	_ = table.Flush()
}

// begin says that a test begins: the full runs one after the other, since they measure; the short ones side by side.
func begin(t *testing.T) {
	t.Helper()
	if !soak {
		t.Parallel()
	}
	began := time.Now()
	t.Cleanup(func() { note(t, "took", "%v", time.Since(began).Round(100*time.Millisecond)) })
}

// sized is a number of the full run, or of the short one.
func sized[T any](full, short T) T {
	if soak {
		return full
	}
	return short
}

// chance returns this run's source of randomness: by $NUMBERMILL_SEED if it is given, else a new one. The seed is told.
func chance(t *testing.T) *rand.Rand {
	t.Helper()
	s := seed(t)
	return rand.New(rand.NewPCG(s, 0))
}

func seed(t *testing.T) uint64 {
	t.Helper()
	s := rand.Uint64() >> 32
	if given := os.Getenv("NUMBERMILL_SEED"); given != "" {
		var err error
		if s, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("NUMBERMILL_SEED: %v", err)
		}
	}
	note(t, "seed", "%d", s)
	return s
}

// spread is a number of durations.
type spread []time.Duration

// at returns the p-th part of the durations, such as 0.99: the smallest that at least that many are no longer than.
func (s spread) at(p float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	i := int(p*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

func (s spread) String() string {
	if len(s) == 0 {
		return "none"
	}
	round := func(p float64) time.Duration { return s.at(p).Round(100 * time.Microsecond) }
	return fmt.Sprintf("p50 %v, p99 %v, max %v of %d", round(0.5), round(0.99), round(1), len(s))
}

// bound notes durations, and in a full run fails if one part of them is above its bound: a machine that is busy with other tests says
// nothing about that.
func bound(t *testing.T, what string, s spread, p float64, most time.Duration) {
	t.Helper()
	note(t, what, "%v; p%g must be ≤ %v", s, 100*p, most)
	if got := s.at(p); soak && got > most {
		t.Errorf("%s: %v, want p%g ≤ %v", what, s, 100*p, most)
	}
}
