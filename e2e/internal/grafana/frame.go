package grafana

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Frame is what a panel draws: columns of one length. A series has a column Time and one of numbers.
type Frame struct {
	// Name is what a series is called.
	Name string
	// Labels are what its query divided by; expressions join by them.
	Labels map[string]string
	// Columns are in their order.
	Columns []Column
}

// Column is one. A value is a float64, a string, a time.Time, a bool, or nil.
type Column struct {
	Name   string
	Values []any
}

// Series tells whether the frame is one over time.
func (f Frame) Series() bool { return len(f.Columns) > 0 && f.Columns[0].Name == "Time" }

// Column returns the values of a column, or nil.
func (f Frame) Column(name string) []any {
	for _, column := range f.Columns {
		if column.Name == name {
			return column.Values
		}
	}
	return nil
}

// Names are those of the columns.
func (f Frame) Names() []string {
	names := make([]string, 0, len(f.Columns))
	for _, column := range f.Columns {
		names = append(names, column.Name)
	}
	return names
}

// Rows is how many there are.
func (f Frame) Rows() int {
	if len(f.Columns) == 0 {
		return 0
	}
	return len(f.Columns[0].Values)
}

// Row is one by the names of its columns.
func (f Frame) Row(i int) map[string]any {
	row := map[string]any{}
	for _, column := range f.Columns {
		row[column.Name] = column.Values[i]
	}
	return row
}

// Numbers are the numbers of a series, or of the last column of a table. Gaps are left out.
func (f Frame) Numbers() []float64 {
	var numbers []float64
	if len(f.Columns) == 0 {
		return nil
	}
	for _, value := range f.Columns[len(f.Columns)-1].Values {
		if n, ok := value.(float64); ok && !math.IsNaN(n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// newSeries makes a frame of a series.
func newSeries(labels map[string]string, times, values []any) Frame {
	return Frame{Labels: labels, Columns: []Column{{"Time", times}, {"Value", values}}}
}

// add puts a value into a column, which it makes if need be.
func (f *Frame) add(column string, value any) {
	for i := range f.Columns {
		if f.Columns[i].Name == column {
			f.Columns[i].Values = append(f.Columns[i].Values, value)
			return
		}
	}
	f.Columns = append(f.Columns, Column{column, []any{value}})
}

// millis is a bucket's time.
func millis(key any) time.Time {
	n, _ := key.(float64)
	return time.UnixMilli(int64(n)).UTC()
}

// float is a number of an answer: null and NaN are none.
func float(value any) any {
	switch v := value.(type) {
	case float64:
		return v
	default:
		return nil
	}
}

// metricNames are how Grafana calls metrics.
var metricNames = map[string]string{
	"count": "Count", "avg": "Average", "sum": "Sum", "max": "Max", "min": "Min", "cardinality": "Unique Count", "percentiles": "Percentiles",
}

func metricName(kind string) string {
	if name, ok := metricNames[kind]; ok {
		return name
	}
	return kind
}

// name calls series by the alias of the target, or by what they are divided by. What the name is made of stays no label.
func name(frames []Frame, target Target) {
	kinds := map[string]bool{}
	for _, frame := range frames {
		if frame.Series() {
			kinds[frame.Labels["metric"]] = true
		}
	}
	for i := range frames {
		if frames[i].Series() {
			frames[i].Name = seriesName(frames[i].Labels, target, len(kinds))
			delete(frames[i].Labels, "metricId")
		}
	}
}

func seriesName(labels map[string]string, target Target, kinds int) string {
	metric, field := metricName(labels["metric"]), labels["field"]
	delete(labels, "metric")
	delete(labels, "field")
	if target.Alias != "" {
		return alias(target.Alias, labels, metric, field)
	}
	if field != "" {
		metric += " " + field
	}
	var values []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if key != "metricId" {
			values = append(values, labels[key])
		}
	}
	switch {
	case len(values) == 0:
		return metric
	case kinds == 1:
		return strings.Join(values, " ")
	default:
		return strings.Join(append(values, metric), " ")
	}
}

// alias puts values into {{term field}}, {{metric}}, {{field}} and {{label}}.
func alias(text string, labels map[string]string, metric, field string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		out.WriteString(before)
		group, after, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			return out.String()
		}
		term, isTerm := strings.CutPrefix(group, "term ")
		value, isLabel := labels[group]
		switch {
		case isTerm:
			out.WriteString(labels[term])
		case isLabel:
			out.WriteString(value)
		case group == "metric":
			out.WriteString(metric)
		case group == "field":
			out.WriteString(field)
		default:
			out.WriteString("{{" + group + "}}")
		}
		text = after
	}
}
