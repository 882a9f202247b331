package grafana

import (
	"fmt"
	"maps"
	"math"
)

// expressions is the data source that computes with what others answer.
const expressions = "__expr__"

// Expression is how: reduce, threshold or math.
type Expression struct {
	Type     string `json:"type" yaml:"type"`
	Text     string `json:"expression" yaml:"expression"`
	Reducer  string `json:"reducer" yaml:"reducer"`
	Settings struct {
		Mode string `json:"mode" yaml:"mode"`
	} `json:"settings" yaml:"settings"`
	Conditions []Condition `json:"conditions" yaml:"conditions"`
}

// Condition is a threshold's.
type Condition struct {
	Evaluator Evaluator `json:"evaluator" yaml:"evaluator"`
}

// Evaluator compares: gt, lt, gte, lte with a bound.
type Evaluator struct {
	Type   string    `json:"type" yaml:"type"`
	Params []float64 `json:"params" yaml:"params"`
}

// A single number is a frame with one column of one row. No frame at all is no data.

func newNumber(labels map[string]string, value any) Frame {
	return Frame{Labels: labels, Columns: []Column{{"Value", []any{value}}}}
}

// value is the number of a frame of one: nil is none.
func (f Frame) value() any { return f.Columns[len(f.Columns)-1].Values[0] }

// compute evaluates the expression over the results of others.
func (e Expression) compute(results map[string][]Frame) ([]Frame, error) {
	switch e.Type {
	case "reduce":
		return mapFrames(results[e.Text], e.reduce)
	case "threshold":
		return mapFrames(results[e.Text], e.threshold)
	case "math":
		return evaluate(e.Text, results)
	default:
		return nil, fmt.Errorf("type %q is not known here", e.Type)
	}
}

func mapFrames(frames []Frame, do func(Frame) (Frame, error)) ([]Frame, error) {
	out := make([]Frame, 0, len(frames))
	for _, frame := range frames {
		after, err := do(frame)
		if err != nil {
			return nil, err
		}
		out = append(out, after)
	}
	return out, nil
}

// reduce makes one number of a series. In mode dropNN values that are none are left out first, and a result that is none is no value; otherwise
// one that is none makes the result none.
func (e Expression) reduce(frame Frame) (Frame, error) {
	var numbers []float64
	for _, value := range frame.Columns[len(frame.Columns)-1].Values {
		n, ok := value.(float64)
		if !ok || math.IsNaN(n) {
			if e.Settings.Mode == "dropNN" {
				continue
			}
			n = math.NaN()
		}
		numbers = append(numbers, n)
	}
	result, err := reducer(e.Reducer, numbers)
	if err != nil {
		return frame, err
	}
	if math.IsNaN(result) && e.Settings.Mode == "dropNN" {
		return newNumber(frame.Labels, nil), nil
	}
	return newNumber(frame.Labels, result), nil
}

// reducer of no numbers is none, but a sum and a count, which are 0.
func reducer(name string, numbers []float64) (float64, error) {
	sum, least, most := 0.0, math.Inf(1), math.Inf(-1)
	for _, n := range numbers {
		sum, least, most = sum+n, math.Min(least, n), math.Max(most, n)
	}
	count := float64(len(numbers))
	switch name {
	case "sum":
		return sum, nil
	case "count":
		return count, nil
	}
	if count == 0 {
		return math.NaN(), nil
	}
	switch name {
	case "mean":
		return sum / count, nil
	case "min":
		return least, nil
	case "max":
		return most, nil
	case "last":
		return numbers[len(numbers)-1], nil
	default:
		return 0, fmt.Errorf("reducer %q is not known here", name)
	}
}

// threshold makes 1 of a number for which it holds, and 0 of others, NaN among them; no value stays none.
func (e Expression) threshold(frame Frame) (Frame, error) {
	if len(e.Conditions) != 1 || len(e.Conditions[0].Evaluator.Params) == 0 {
		return frame, fmt.Errorf("a threshold has one condition with a bound, not %v", e.Conditions)
	}
	n, ok := frame.value().(float64)
	if !ok {
		return newNumber(frame.Labels, nil), nil
	}
	evaluator := e.Conditions[0].Evaluator
	bound := evaluator.Params[0]
	var holds bool
	switch evaluator.Type {
	case "gt":
		holds = n > bound
	case "lt":
		holds = n < bound
	case "gte":
		holds = n >= bound
	case "lte":
		holds = n <= bound
	default:
		return frame, fmt.Errorf("threshold %q is not known here", evaluator.Type)
	}
	return newNumber(frame.Labels, truth(holds)), nil
}

func truth(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// binary joins two operands: numbers and series by their labels, of which one's may contain the other's.
func binary(operator string, left, right []Frame) []Frame {
	var joined []Frame
	for _, a := range left {
		for _, b := range right {
			labels, ok := union(a.Labels, b.Labels)
			if !ok {
				continue
			}
			if len(a.Columns) > 1 || len(b.Columns) > 1 {
				joined = append(joined, overTime(operator, labels, a, b))
				continue
			}
			joined = append(joined, newNumber(labels, apply(operator, a.value(), b.value())))
		}
	}
	return joined
}

// union of labels that fit.
func union(a, b map[string]string) (map[string]string, bool) {
	large, small := a, b
	if len(b) > len(a) {
		large, small = b, a
	}
	if len(a) == len(b) && !maps.Equal(a, b) {
		return nil, false
	}
	for key, value := range small {
		if large[key] != value {
			return nil, false
		}
	}
	return large, true
}

// overTime joins by time; what one of two series does not have falls away.
func overTime(operator string, labels map[string]string, a, b Frame) Frame {
	if len(a.Columns) == 1 {
		return along(labels, b, func(_, value any) (any, bool) { return apply(operator, a.value(), value), true })
	}
	if len(b.Columns) == 1 {
		return along(labels, a, func(_, value any) (any, bool) { return apply(operator, value, b.value()), true })
	}
	byTime := map[any]any{}
	for i, at := range b.Columns[0].Values {
		byTime[at] = b.Columns[1].Values[i]
	}
	return along(labels, a, func(at, value any) (any, bool) {
		other, ok := byTime[at]
		return apply(operator, value, other), ok
	})
}

func along(labels map[string]string, frame Frame, do func(at, value any) (any, bool)) Frame {
	var times, values []any
	for i, at := range frame.Columns[0].Values {
		if value, ok := do(at, frame.Columns[1].Values[i]); ok {
			times, values = append(times, at), append(values, value)
		}
	}
	return newSeries(labels, times, values)
}

// apply is an operator on two values: none if one is none, NaN if one is NaN, but where the left one decides.
func apply(operator string, left, right any) any {
	a, okA := left.(float64)
	b, okB := right.(float64)
	if !okA || !okB {
		return nil
	}
	if operator == "||" && a != 0 {
		return 1.0
	}
	if operator == "&&" && a == 0 {
		return 0.0
	}
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.NaN()
	}
	return arithmetic(operator, a, b)
}

func arithmetic(operator string, a, b float64) float64 {
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case ">":
		return truth(a > b)
	case "<":
		return truth(a < b)
	case ">=":
		return truth(a >= b)
	case "<=":
		return truth(a <= b)
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "&&":
		return truth(a != 0 && b != 0)
	case "||":
		return truth(a != 0 || b != 0)
	default:
		return math.NaN()
	}
}
