package grafana //nolint:testpackage // expressions are reached through panels and rules alone

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func seriesOf(values ...any) Frame {
	return newSeries(map[string]string{"queue": "small"}, make([]any, len(values)), values)
}

// Of gaps nothing is left in mode dropNN, and without any number a sum is 0 and everything else is no value; otherwise gaps make NaN.
func TestReduce(t *testing.T) {
	t.Parallel()
	gaps, nothing := seriesOf(1.0, nil, 5.0, math.NaN(), 3.0), seriesOf(nil, nil)
	cases := []struct {
		reducer, mode string
		frame         Frame
		want          any
	}{
		{"mean", "dropNN", gaps, 3.0},
		{"sum", "dropNN", gaps, 9.0},
		{"min", "dropNN", gaps, 1.0},
		{"max", "dropNN", gaps, 5.0},
		{"last", "dropNN", gaps, 3.0},
		{"count", "dropNN", gaps, 3.0},
		{"sum", "", gaps, math.NaN()},
		{"sum", "dropNN", nothing, 0.0},
		{"count", "dropNN", nothing, 0.0},
		{"mean", "dropNN", nothing, nil},
		{"last", "dropNN", nothing, nil},
		{"max", "dropNN", seriesOf(), nil},
		{"last", "", seriesOf(), math.NaN()},
	}
	for _, c := range cases {
		how := Expression{Reducer: c.reducer}
		how.Settings.Mode = c.mode
		got, err := how.reduce(c.frame)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(newNumber(map[string]string{"queue": "small"}, c.want), got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", c.reducer, c.mode, diff)
		}
	}
}

// A threshold of no value is none, and NaN is below and above nothing.
func TestThreshold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind        string
		value, want any
	}{
		{"gt", 2.0, 0.0},
		{"gt", 2.1, 1.0},
		{"lt", 2.0, 0.0},
		{"lt", 1.9, 1.0},
		{"gte", 2.0, 1.0},
		{"lte", 2.0, 1.0},
		{"lt", math.NaN(), 0.0},
		{"gt", math.NaN(), 0.0},
		{"gt", nil, nil},
	} {
		how := Expression{Conditions: []Condition{{Evaluator{c.kind, []float64{2}}}}}
		got, err := how.threshold(newNumber(nil, c.value))
		if err != nil {
			t.Fatal(err)
		}
		if got.value() != c.want {
			t.Errorf("%v %s 2: got %v, want %v", c.value, c.kind, got.value(), c.want)
		}
	}
}

// Operators bind as in Go; a comparison with NaN is NaN, which alerting takes for true, unless the left side of && decides.
func TestMath(t *testing.T) {
	t.Parallel()
	results := map[string][]Frame{
		"A": {newNumber(nil, 6.0)}, "BB": {newNumber(nil, 100.0)}, "N": {newNumber(nil, nil)}, "NaN": {newNumber(nil, math.NaN())}, "Z": {newNumber(nil, 0.0)},
	}
	for text, want := range map[string]any{
		"$A + 2 * 3":                       12.0,
		"($A + 2) * 3":                     24.0,
		"$A > 0.05 * $BB":                  1.0,
		"$A > 0.05 * ${BB} && $BB < 100":   0.0,
		"$A > 7 || $BB >= 100":             1.0,
		"$A / $BB":                         0.06,
		"$N + 1":                           nil,
		"$NaN > 1":                         math.NaN(),
		"$Z && $NaN":                       0.0,
		"$A && $NaN":                       math.NaN(),
		"$Z / $Z > 1":                      math.NaN(),
		"$Z > 0.0144 * $Z && $A > 1 * $BB": 0.0,
	} {
		got, err := evaluate(text, results)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Frame{newNumber(nil, want)}, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "$A +", "($A", "$A $A", "$missing + 1", "1 ? 2"} {
		if got, err := evaluate(text, results); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

// Operands join by their labels; what has no partner falls away.
func TestMathJoins(t *testing.T) {
	t.Parallel()
	small, large := map[string]string{"queue": "small"}, map[string]string{"queue": "large"}
	times := []any{1, 2}
	results := map[string][]Frame{
		"A": {newSeries(small, times, []any{1.0, nil})},
		"B": {newSeries(large, times, []any{8.0, 8.0}), newSeries(small, times, []any{4.0, 4.0})},
	}
	got, err := evaluate("$A / $B * 2", results)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Frame{newSeries(small, times, []any{0.5, nil})}, got); diff != "" {
		t.Errorf("got other than want (-want +got):\n%s", diff)
	}
}
