package observability_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"numbermill/e2e/internal/grafana"
)

// document is one by the dotted names of its fields.
type document map[string]any

// truth is what happened, by the data sources that should show it: what panels and rules answer is held against it.
type truth struct {
	from, to time.Time
	by       map[string][]document
}

// flat makes dotted names of nested objects.
func flat(nested map[string]any) document {
	out := document{}
	var walk func(prefix string, object map[string]any)
	walk = func(prefix string, object map[string]any) {
		for key, value := range object {
			if inner, ok := value.(map[string]any); ok {
				walk(prefix+key+".", inner)
				continue
			}
			out[prefix+key] = value
		}
	}
	walk("", nested)
	return out
}

func flatAll(nested []map[string]any) []document {
	all := make([]document, 0, len(nested))
	for _, one := range nested {
		all = append(all, flat(one))
	}
	return all
}

// text is a field as a word; of an absent one none.
func (d document) text(field string) string {
	switch v := d[field].(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// numbers are a field's: one, several if it is an array as histograms are in tests, or none.
func (d document) numbers(field string) []float64 {
	switch v := d[field].(type) {
	case float64:
		return []float64{v}
	case int:
		return []float64{float64(v)}
	case int64:
		return []float64{float64(v)}
	case []float64:
		return v
	case []any:
		var all []float64
		for _, one := range v {
			if n, ok := one.(float64); ok {
				all = append(all, n)
			}
		}
		return all
	default:
		return nil
	}
}

// at is the document's time.
func (d document) at(t *testing.T) time.Time {
	t.Helper()
	if at, ok := d["@timestamp"].(time.Time); ok {
		return at
	}
	at, err := time.Parse(time.RFC3339Nano, d.text("@timestamp"))
	if err != nil {
		t.Fatalf("the time of %v: %v", d, err)
	}
	return at
}

// where keeps some documents.
type where func(document) bool

// is holds where a field is one of some values.
func is(field string, values ...string) where {
	return func(d document) bool { return slices.Contains(values, d.text(field)) }
}

// has holds where there is a field.
func has(field string) where {
	return func(d document) bool { return d[field] != nil }
}

func (w where) and(other where) where { return func(d document) bool { return w(d) && other(d) } }

func not(w where) where { return func(d document) bool { return !w(d) } }

func anything(document) bool { return true }

// of are the documents of a data source for which it holds.
func (k truth) of(source string, holds where) []document {
	var all []document
	for _, d := range k.by[source] {
		if holds(d) {
			all = append(all, d)
		}
	}
	return all
}

// groups divides documents by fields; those without one of them fall away, as in Elasticsearch.
func groups(documents []document, by ...string) map[string][]document {
	all := map[string][]document{}
	for _, d := range documents {
		var names []string
		for _, field := range by {
			if d[field] != nil {
				names = append(names, d.text(field))
			}
		}
		if len(names) == len(by) {
			name := strings.Join(names, " ")
			all[name] = append(all[name], d)
		}
	}
	return all
}

// measure is a number of documents: count, sum, avg, max, min or a percentile such as p95 of a field.
type measure struct{ kind, field string }

// none is the number of no documents.
func (m measure) none() any {
	if m.kind == "count" || m.kind == "sum" {
		return 0.0
	}
	return nil
}

// near tells whether a number is the measure of documents: exactly, or for percentiles between the observations beside that rank.
func (m measure) near(got any, documents []document) error {
	var all []float64
	for _, d := range documents {
		all = append(all, d.numbers(m.field)...)
	}
	if m.kind == "count" {
		return equal(got, float64(len(documents)))
	}
	if len(all) == 0 {
		if got != m.none() {
			return fmt.Errorf("got %v of nothing, want %v", got, m.none())
		}
		return nil
	}
	slices.Sort(all)
	sum := 0.0
	for _, n := range all {
		sum += n
	}
	switch m.kind {
	case "sum":
		return equal(got, sum)
	case "avg":
		return equal(got, sum/float64(len(all)))
	case "max":
		return equal(got, all[len(all)-1])
	case "min":
		return equal(got, all[0])
	default:
		return m.percentile(got, all)
	}
}

// percentile: Elasticsearch's estimate lies between observations, since it draws lines between them; a rank to each side is its right.
func (m measure) percentile(got any, sorted []float64) error {
	percent, err := strconv.ParseFloat(strings.TrimPrefix(m.kind, "p"), 64)
	if err != nil {
		return fmt.Errorf("measure %s is not known", m.kind)
	}
	rank := percent / 100 * float64(len(sorted))
	slack := 1 + float64(len(sorted))/200
	low := sorted[max(0, int(math.Floor(rank-slack))-1)]
	high := sorted[min(len(sorted)-1, int(math.Ceil(rank+slack)))]
	n, ok := got.(float64)
	if !ok || n < low-1e-9 || n > high+1e-9 {
		return fmt.Errorf("got %v, want %s of %d observations: between %v and %v", got, m.kind, len(sorted), low, high)
	}
	return nil
}

func equal(got any, want float64) error {
	n, ok := got.(float64)
	if !ok || math.Abs(n-want) > 1e-6*math.Max(1, math.Abs(want)) {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}

// expectation judges what a panel draws.
type expectation func(t *testing.T, k truth, frames []grafana.Frame)

// series expects one a group, called as the group is (with a suffix), and in each step of time the measure of its documents.
func series(source string, holds where, m measure, by ...string) expectation {
	return named(source, holds, m, "", by...)
}

func named(source string, holds where, m measure, suffix string, by ...string) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		want := groups(k.of(source, holds), by...)
		if len(by) == 0 {
			want = map[string][]document{"": k.of(source, holds)}
		}
		found := map[string]bool{}
		for _, frame := range frames {
			group, ours := strings.CutSuffix(frame.Name, suffix)
			if len(by) == 0 {
				group = ""
			}
			if !ours {
				continue
			}
			if want[group] == nil && len(by) > 0 {
				t.Errorf("got series %q, want none such", frame.Name)
				continue
			}
			found[group] = true
			perStep(t, frame, m, want[group])
		}
		for group := range want {
			if !found[group] {
				t.Errorf("got no series %q%s among %d", group, suffix, len(frames))
			}
		}
	}
}

// perStep compares each step of time with the documents in it, and all of them together.
func perStep(t *testing.T, frame grafana.Frame, m measure, documents []document) {
	t.Helper()
	if !frame.Series() {
		t.Errorf("%q is no series: its columns are %q", frame.Name, frame.Names())
		return
	}
	times, values := frame.Columns[0].Values, frame.Columns[1].Values
	seen, fuzzy := 0, len(documents) > 0 && documents[0]["fuzzy"] != nil
	for i := range times {
		begin, _ := times[i].(time.Time)
		end := time.Unix(1<<40, 0)
		if i+1 < len(times) {
			end, _ = times[i+1].(time.Time)
		}
		var here []document
		for _, d := range documents {
			if at := d.at(t).Truncate(time.Millisecond); !at.Before(begin) && at.Before(end) {
				here = append(here, d)
			}
		}
		seen += len(here)
		if err := m.near(values[i], here); err != nil && !fuzzy {
			t.Errorf("%q at %v: %v", frame.Name, begin, err)
			return
		}
	}
	if seen != len(documents) {
		t.Errorf("%q shows steps with %d documents of %d", frame.Name, seen, len(documents))
	}
	if fuzzy {
		together(t, frame, m, documents)
	}
}

// together compares a whole series, where it is not known to the millisecond when things happened: counts and sums alone say something then.
func together(t *testing.T, frame grafana.Frame, m measure, documents []document) {
	t.Helper()
	if m.kind != "count" && m.kind != "sum" {
		return
	}
	sum := 0.0
	for _, n := range frame.Numbers() {
		sum += n
	}
	if err := m.near(sum, documents); err != nil {
		t.Errorf("%q altogether: %v", frame.Name, err)
	}
}

// rows expects a table with a row a group, and in its columns the measures of the group's documents. At most so many rows are shown.
func rows(source string, holds where, limit int, columns map[string]measure, by ...string) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		want := groups(k.of(source, holds), by...)
		got := 0
		for _, frame := range frames {
			for i := range frame.Rows() {
				got++
				row := document(frame.Row(i))
				var names []string
				for _, field := range by {
					names = append(names, row.text(field))
				}
				group := strings.Join(names, " ")
				if want[group] == nil {
					t.Errorf("got a row %q, want none such", group)
					continue
				}
				for column, m := range columns {
					if err := m.near(row[column], want[group]); err != nil {
						t.Errorf("row %q, column %q of %q: %v", group, column, frame.Names(), err)
					}
				}
			}
		}
		if n := min(limit, len(want)); got != n {
			t.Errorf("got %d rows, want %d", got, n)
		}
	}
}

// latest expects the newest documents, as many as fit, with these fields. What stands before is newer.
func latest(source string, holds where, limit int, fields ...string) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		want := k.of(source, holds)
		if len(frames) != 1 {
			t.Fatalf("got %d frames, want 1", len(frames))
		}
		frame := frames[0]
		if got, n := frame.Rows(), min(limit, len(want)); got != n {
			t.Fatalf("got %d rows, want %d", got, n)
		}
		for _, field := range fields {
			for _, value := range frame.Column(field) {
				known := slices.ContainsFunc(want, func(d document) bool { return d.text(field) == document{field: value}.text(field) })
				if value != nil && !known {
					t.Errorf("column %q shows %v, which no document has", field, value)
				}
			}
			all := frame.Rows() == len(want)
			if all && slices.ContainsFunc(want, has(field)) && frame.Column(field) == nil {
				t.Errorf("there is no column %q among %q", field, frame.Names())
			}
		}
		times := frame.Column("@timestamp")
		for i := 1; i < len(times); i++ {
			before, _ := times[i-1].(time.Time)
			after, _ := times[i].(time.Time)
			if before.Before(after) {
				t.Errorf("row %d of %v comes before the newer one of %v", i-1, before, after)
			}
		}
	}
}

// figure expects a single number in a column, of all documents, after a calculation.
func figure(column, source string, holds where, m measure, calculation func(float64) float64) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		if len(frames) != 1 || frames[0].Rows() != 1 {
			t.Fatalf("got %v, want one number", frames)
		}
		all := k.of(source, holds)
		sum, count := 0.0, 0.0
		for _, d := range all {
			for _, n := range d.numbers(m.field) {
				sum, count = sum+n, count+1
			}
		}
		want := sum
		if m.kind == "avg" {
			want = sum / count
		}
		if calculation != nil {
			want = calculation(want)
		}
		if values := frames[0].Column(column); values == nil {
			t.Errorf("there is no column %q among %q", column, frames[0].Names())
		} else if err := equal(values[0], want); err != nil {
			t.Error(err)
		}
	}
}

// calculated expects a series over all documents whose numbers, taken back, are those measured.
func calculated(source string, holds where, m measure, back func(float64) float64) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		if len(frames) == 0 {
			t.Fatal("got no series")
		}
		for _, frame := range frames {
			original := grafana.Frame{Name: frame.Name, Columns: slices.Clone(frame.Columns)}
			values := slices.Clone(frame.Columns[1].Values)
			for i, value := range values {
				if n, ok := value.(float64); ok {
					values[i] = back(n)
				}
			}
			original.Columns[1].Values = values
			perStep(t, original, m, k.of(source, holds))
		}
	}
}

// both expects several things of one panel.
func both(all ...expectation) expectation {
	return func(t *testing.T, k truth, frames []grafana.Frame) {
		t.Helper()
		for _, one := range all {
			one(t, k, frames)
		}
	}
}
