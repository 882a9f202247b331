package observability_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"numbermill/e2e/internal/grafana"
)

// altogether expects measures of all documents in one row.
func altogether(column, source string, holds where, m measure) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		if len(frames) != 1 || frames[0].Rows() != 1 {
			t.Fatalf("got %v, want one row", frames)
		}
		if err := m.near(frames[0].Row(0)[column], k.of(source, holds)); err != nil {
			t.Errorf("column %q of %q: %v", column, frames[0].Names(), err)
		}
	}
}

// noSlower expects that nginx has taken no longer for requests than whoever sent them saw, to a millisecond: percentiles keep that order.
func noSlower(t *testing.T, k truth, frames []grafana.Frame) {
	t.Helper()
	var took []float64
	for _, d := range k.of("es-nginx", interactive) {
		took = append(took, d.numbers("took")...)
	}
	if len(took) == 0 {
		return // made up
	}
	slices.Sort(took)
	for column, percent := range map[string]float64{"p50.0 ": 0.5, "p95.0 ": 0.95, "p99.0 ": 0.99} {
		rank := percent*float64(len(took)) + 1 + float64(len(took))/200
		longest := took[min(len(took)-1, int(math.Ceil(rank)))]
		got, ok := frames[0].Row(0)[column+requestTime].(float64)
		if !ok || got > longest+0.001 {
			t.Errorf("%s: got %v s in nginx, and at most %v s for whoever asked", column, got, longest)
		}
	}
}

// called expects one series by its name, of all documents.
func called(name, source string, holds where, m measure) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		for _, frame := range frames {
			if frame.Name == name {
				perStep(t, frame, m, k.of(source, holds))
				return
			}
		}
		t.Errorf("got no series %q", name)
	}
}

// parts expects how many documents each of some queries has: in a series of its name, or in a row.
func parts(source string, of where, parts map[string]where) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		for name, holds := range parts {
			want := float64(len(k.of(source, of.and(holds))))
			got, found := 0.0, false
			for _, frame := range frames {
				if frame.Series() && frame.Name == name {
					found = true
					for _, n := range frame.Numbers() {
						got += n
					}
				}
				for i, label := range frame.Column("filter") {
					if label == name {
						n, ok := frame.Row(i)["Count"].(float64)
						got, found = n, ok
					}
				}
			}
			if !found || got != want {
				t.Errorf("%q: got %v, want %v", name, got, want)
			}
		}
	}
}

// slowest expects traces with the largest of their numbers, the largest first.
func slowest(source string, holds where, field string, limit int) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		type trace struct {
			id   string
			most float64
		}
		var want []trace
		for id, documents := range groups(k.of(source, holds), "trace.id") {
			most := math.Inf(-1)
			for _, d := range documents {
				for _, n := range d.numbers(field) {
					most = max(most, n)
				}
			}
			if id != "" {
				want = append(want, trace{id, most})
			}
		}
		slices.SortFunc(want, func(a, b trace) int { return int(math.Copysign(1, b.most-a.most)) })
		if len(frames) != 1 {
			t.Fatalf("got %d tables, want 1", len(frames))
		}
		known := map[string]float64{}
		for _, one := range want {
			known[one.id] = one.most
		}
		shown := map[string]float64{}
		for i := range frames[0].Rows() {
			row := document(frames[0].Row(i))
			n, _ := row["Max"].(float64)
			shown[row.text("trace.id")] = max(shown[row.text("trace.id")], n)
		}
		if len(shown) != min(limit, len(want)) {
			t.Errorf("got %d traces, want %d", len(shown), min(limit, len(want)))
		}
		for id, most := range shown {
			if math.Abs(known[id]-most) > 1e-6 || most < want[min(limit, len(want))-1].most-1e-6 {
				t.Errorf("trace %q with %v is not among the slowest: of it the test knows %v", id, most, known[id])
			}
		}
	}
}

// share expects a series a group with the share of documents for which something holds. Groups without any may be missing, unless all are shown.
func share(source string, of, part where, all bool, by ...string) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		whole, some := groups(k.of(source, of), by...), groups(k.of(source, of.and(part)), by...)
		shown := map[string]bool{}
		for _, frame := range frames {
			var values []string
			for _, field := range by {
				values = append(values, frame.Labels[field])
			}
			group := strings.Join(values, " ")
			shown[group] = true
			shareOverTime(t, group, frame, whole[group], some[group])
		}
		for group := range whole {
			if !shown[group] && (all || len(some[group]) > 0) {
				t.Errorf("got no share of %q", group)
			}
		}
	}
}

func shareOverTime(t *testing.T, group string, frame grafana.Frame, whole, some []document) {
	t.Helper()
	times := frame.Columns[0].Values
	for i := range times {
		begin, _ := times[i].(time.Time)
		end := time.Unix(1<<40, 0)
		if i+1 < len(times) {
			end, _ = times[i+1].(time.Time)
		}
		inside := func(documents []document) float64 {
			n := 0.0
			for _, d := range documents {
				if at := d.at(t).Truncate(time.Millisecond); !at.Before(begin) && at.Before(end) {
					n++
				}
			}
			return n
		}
		got, _ := frame.Columns[1].Values[i].(float64)
		if want := inside(some) / inside(whole); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("share of %q at %v: got %v, want %v", group, begin, got, want)
		}
	}
}
