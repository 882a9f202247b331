package source

import "slices"

// axis is what an axis is called, with its unit, and how its numbers are read.
type axis struct {
	title string
	unit  unit
}

// unit is a kind of numbers.
type unit struct {
	// label is an expression for the number on an axis, and format a d3 format for the one beside the pointer.
	label, format string
	// step is the least distance between two ticks.
	step float64
	// ticks are the places of ticks, if they are given; the axis then reaches over all of them.
	ticks []float64
}

// counts are whole numbers of things; a tick between two of them has no number.
func counts() unit {
	return unit{label: "datum.value === floor(datum.value) ? format(datum.value, '.3~s') : ''", format: ",d", step: 1}
}

// sizes are numbers of bytes.
func sizes() unit { return unit{label: "format(datum.value, '.3~s') + 'B'", format: ",d", step: 1} }

// seconds are durations.
func seconds() unit { return unit{label: "format(datum.value, '.4~r')", format: ".4~r"} }

// shares are parts of a whole, around 100 %.
func shares() unit { return unit{label: "format(datum.value, '.5~%')", format: ".3%"} }

// wholeShares are shares on an axis from 0 to 100 %.
func wholeShares() unit {
	u := shares()
	u.ticks = []float64{0, 0.25, 0.5, 0.75, 1}
	return u
}

// axis is the numbers of a unit along a picture.
func (a axis) axis() obj {
	o := obj{"title": a.title, "labelExpr": a.unit.label, "tickCount": 5}
	if a.unit.step > 0 {
		o["tickMinStep"] = a.unit.step
	}
	if a.unit.ticks != nil {
		o["values"] = a.unit.ticks
	}
	return o
}

// marks is the name of the layer that has one mark for each row.
const marks = "rows"

// timeAxis is the horizontal axis of all pictures over time. The day stands at midnight alone.
func timeAxis(field string) obj {
	return obj{"field": field, "type": "temporal", "axis": obj{
		"title": "time", "tickCount": 6, "grid": false, "labelExpr": "timeFormat(datum.value, " +
			"hours(datum.value) + minutes(datum.value) + seconds(datum.value) === 0 ? '%b %e' : seconds(datum.value) ? '%H:%M:%S' : '%H:%M')",
	}}
}

// anchor keeps the axes of a picture over time in place when it has no rows.
func anchor(low float64) obj {
	return obj{
		"name": "anchor", "transform": []obj{each("times.buckets", "time"), calculate("from", "datum.time.key")},
		"mark":     obj{"type": "point", "opacity": 0, "tooltip": nil},
		"encoding": obj{"x": timeAxis("from"), "y": obj{"datum": low}},
	}
}

// series colours rows by their name. Without known names the colours go round; without a title there is no legend.
func series(title string, names, colours []string) obj {
	scale := obj{"range": colours}
	if len(names) > 0 {
		scale["domain"] = names
	}
	colour := obj{"field": "series", "type": "nominal", "scale": scale, "legend": nil}
	if title != "" {
		colour["legend"] = obj{"orient": "top", "title": title, "symbolType": "square"}
	}
	return colour
}

// stacked is bars over time, those of one time on top of each other. Rows have from, to, series and value.
func stacked(rows []obj, y axis, colour obj) []obj {
	rows = append(rows, obj{
		"stack": "value", "groupby": []string{"from"}, "as": []string{"low", "high"}, "sort": []obj{{"field": "series", "order": "ascending"}},
	})
	return []obj{anchor(0), {
		"name": marks, "transform": rows, "mark": obj{"type": "bar"},
		"encoding": obj{
			"x": timeAxis("from"), "x2": obj{"field": "to"},
			"y": obj{"field": "low", "type": "quantitative", "axis": y.axis()}, "y2": obj{"field": "high"},
			"color": colour, "tooltip": pointed(y),
		},
	}}
}

// lines is a line with points for each series. Rows have from, series and value. The axis begins at 0, or, if all is of interest that is below 1, ends there.
func lines(rows []obj, y axis, below1 bool, colour obj) []obj {
	scale, end := obj{"zero": true}, 0.0
	if below1 {
		scale, end = obj{"zero": false}, 1.0
	}
	return []obj{anchor(end), {
		"name": marks, "transform": rows, "mark": obj{"type": "line", "point": obj{"size": 24}, "strokeWidth": 2},
		"encoding": obj{
			"x": timeAxis("from"), "y": obj{"field": "value", "type": "quantitative", "scale": scale, "axis": y.axis()},
			"color": colour, "tooltip": pointed(y),
		},
	}}
}

// pointed is what stands beside the pointer on a mark over time.
func pointed(y axis) []obj {
	return []obj{
		{"field": "from", "type": "temporal", "title": "from", "format": "%Y-%m-%d %H:%M:%S"},
		{"field": "series", "title": "what"},
		{"field": "value", "type": "quantitative", "title": y.title, "format": y.unit.format},
	}
}

// bars is a horizontal bar for each row, with words at its end. Rows have name, value, label and colour.
func bars(rows []obj, y string, x axis) []obj {
	// The words need about 6 pixels a letter beyond the bar; a narrow picture gives them two thirds at most.
	rows = append(rows, calculate("room", "datum.value / max(0.33, 1 - (6 * length(datum.label) + 10) / max(width, 1))"))
	names := obj{"field": "name", "type": "nominal", "sort": nil, "axis": obj{"title": y, "labelLimit": 240, "labelOverlap": false, "ticks": false}}
	values := obj{"field": "value", "type": "quantitative", "axis": x.axis()}
	layers := []obj{
		{
			"name": marks, "transform": rows, "mark": obj{"type": "bar", "height": obj{"band": 0.7}},
			"encoding": obj{
				"y": names, "x": values, "color": obj{"field": "colour", "type": "nominal", "scale": nil},
				"tooltip": []obj{{"field": "name", "title": y}, {"field": "label", "title": x.title}},
			},
		},
		{
			"name": "words", "transform": rows,
			"mark":     obj{"type": "text", "filled": false, "style": "guide-label", "align": "left", "baseline": "middle", "dx": 5, "fontSize": 11},
			"encoding": obj{"y": names, "x": values, "text": obj{"field": "label"}},
		},
	}
	// Invisible marks leave room for the words, and keep the axis in place when there are no bars.
	end := 0.0
	if x.unit.ticks != nil {
		end = slices.Max(x.unit.ticks)
	}
	unseen := obj{"type": "point", "opacity": 0, "tooltip": nil}
	return append(layers,
		obj{"name": "room", "transform": rows, "mark": unseen, "encoding": obj{"y": names, "x": obj{"field": "room", "type": "quantitative"}}},
		obj{"name": "anchor", "mark": unseen, "encoding": obj{"x": obj{"datum": end}}},
	)
}

// number is one large number with a sentence under it. The row has big, small and colour.
func number(row []obj) []obj {
	row = append(row, keep("datum.doc_count > 0"))
	words := func(name, size, y string, encoding obj) obj {
		return obj{"name": name, "transform": row, "encoding": encoding, "mark": obj{
			"type": "text", "filled": false, "style": "guide-title", "align": "center", "baseline": "middle", "fontSize": obj{"expr": size},
			"x": obj{"expr": "width / 2"}, "y": obj{"expr": y}, "tooltip": nil,
		}}
	}
	return []obj{
		words(marks, "min(height / 3, width / 6)", "height * 0.42", obj{
			"text": obj{"field": "big"}, "fill": obj{"field": "colour", "type": "nominal", "scale": nil},
		}),
		words("words", "max(11, min(15, width / 24))", "height * 0.75", obj{"text": obj{"field": "small"}}),
	}
}
