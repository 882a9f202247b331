package grafana

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Transformation is done to frames in the browser.
type Transformation struct {
	ID      string          `json:"id"`
	Options json.RawMessage `json:"options"`
}

type calculation struct {
	Mode          string `json:"mode"`
	Alias         string `json:"alias"`
	ReplaceFields bool   `json:"replaceFields"`
	TimeSeries    bool   `json:"timeSeries"`
	Binary        struct {
		Left     operand `json:"left"`
		Operator string  `json:"operator"`
		Right    operand `json:"right"`
	} `json:"binary"`
}

type operand struct {
	Fixed   *string `json:"fixed"`
	Matcher struct {
		ID      string `json:"id"`
		Options string `json:"options"`
	} `json:"matcher"`
}

type keeping struct {
	Include struct {
		Names []string `json:"names"`
	} `json:"include"`
}

type order struct {
	IndexByName map[string]int `json:"indexByName"`
}

// transform does what is known here, in turn; the rest is an error.
func transform(frames []Frame, transformations []Transformation) ([]Frame, error) {
	for _, transformation := range transformations {
		var err error
		switch transformation.ID {
		case "calculateField":
			frames, err = each(frames, transformation.Options, calculate)
		case "filterFieldsByName":
			frames, err = each(frames, transformation.Options, keep)
		case "organize":
			frames, err = each(frames, transformation.Options, organize)
		default:
			err = fmt.Errorf("transformation %s is not known here", transformation.ID)
		}
		if err != nil {
			return nil, err
		}
	}
	return frames, nil
}

func each[T any](frames []Frame, text json.RawMessage, do func(Frame, T) (Frame, error)) ([]Frame, error) {
	var options T
	if err := json.Unmarshal(text, &options); err != nil {
		return nil, fmt.Errorf("options of a transformation: %w", err)
	}
	changed := make([]Frame, 0, len(frames))
	for _, frame := range frames {
		after, err := do(frame, options)
		if err != nil {
			return nil, err
		}
		changed = append(changed, after)
	}
	return changed, nil
}

// calculate adds a column of two others or numbers, or puts it in the place of all.
func calculate(frame Frame, how calculation) (Frame, error) {
	if how.Mode != "binary" {
		return frame, fmt.Errorf("calculation %s is not known here", how.Mode)
	}
	left, err := how.Binary.Left.of(frame)
	if err != nil {
		return frame, err
	}
	right, err := how.Binary.Right.of(frame)
	if err != nil {
		return frame, err
	}
	values := make([]any, frame.Rows())
	for i := range values {
		a, okA := left[i].(float64)
		b, okB := right[i].(float64)
		if !okA || !okB {
			continue
		}
		if values[i], err = calculator(how.Binary.Operator, a, b); err != nil {
			return frame, err
		}
	}
	column := Column{how.Alias, values}
	if !how.ReplaceFields {
		frame.Columns = append(slices.Clone(frame.Columns), column)
		return frame, nil
	}
	if frame.Series() && how.TimeSeries {
		frame.Columns = []Column{frame.Columns[0], column}
		return frame, nil
	}
	frame.Columns = []Column{column}
	return frame, nil
}

// of are the operand's values for a frame.
func (o operand) of(frame Frame) ([]any, error) {
	if o.Fixed != nil {
		n, err := strconv.ParseFloat(*o.Fixed, 64)
		if err != nil {
			return nil, fmt.Errorf("fixed operand: %w", err)
		}
		return slices.Repeat([]any{n}, frame.Rows()), nil
	}
	values := frame.Column(o.Matcher.Options)
	if values == nil && frame.Rows() > 0 {
		return nil, fmt.Errorf("there is no column %q among %q", o.Matcher.Options, frame.Names())
	}
	return values, nil
}

func calculator(operator string, a, b float64) (float64, error) {
	switch operator {
	case "+", "-", "*", "/":
		return arithmetic(operator, a, b), nil
	default:
		return 0, fmt.Errorf("operator %s is not known here", operator)
	}
}

// keep keeps the columns named. A name that no document has is passed over, as Grafana does.
func keep(frame Frame, what keeping) (Frame, error) {
	frame.Columns = slices.DeleteFunc(slices.Clone(frame.Columns), func(column Column) bool {
		return !slices.Contains(what.Include.Names, column.Name)
	})
	return frame, nil
}

func organize(frame Frame, by order) (Frame, error) {
	frame.Columns = slices.Clone(frame.Columns)
	slices.SortStableFunc(frame.Columns, func(a, b Column) int { return by.IndexByName[a.Name] - by.IndexByName[b.Name] })
	return frame, nil
}
