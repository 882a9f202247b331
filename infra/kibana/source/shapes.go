package source

// axis is what an axis is called, with its unit, and how its numbers are written (d3-format).
type axis struct{ title, format string }

// marks is the name of the layer that has one mark for each row.
const marks = "rows"

// timeAxis is the horizontal axis of all pictures over time.
func timeAxis(field string) obj {
	return obj{"field": field, "type": "temporal", "axis": obj{"title": "time", "tickCount": 6, "grid": false}}
}

// series colours rows by their name. Without known names the colours go round.
func series(title string, names, colours []string) obj {
	scale := obj{"range": colours}
	if len(names) > 0 {
		scale["domain"] = names
	}
	return obj{"field": "series", "type": "nominal", "scale": scale, "legend": obj{"orient": "top", "title": title, "symbolType": "square"}}
}

// stacked is bars over time, those of one time on top of each other. Rows have from, to, series and value.
func stacked(rows []obj, y axis, colour obj) obj {
	rows = append(rows, obj{
		"stack": "value", "groupby": []string{"from"}, "as": []string{"low", "high"}, "sort": []obj{{"field": "series", "order": "ascending"}},
	})
	return obj{
		"name": marks, "transform": rows, "mark": obj{"type": "bar"},
		"encoding": obj{
			"x": timeAxis("from"), "x2": obj{"field": "to"},
			"y": obj{"field": "low", "type": "quantitative", "axis": obj{
				"title": y.title, "format": y.format, "tickCount": 5, "tickMinStep": 1,
			}},
			"y2": obj{"field": "high"}, "color": colour,
			"tooltip": []obj{
				{"field": "from", "type": "temporal", "title": "from", "format": "%Y-%m-%d %H:%M:%S"},
				{"field": "series", "title": "what"}, {"field": "value", "type": "quantitative", "title": y.title, "format": y.format},
			},
		},
	}
}

// lines is a line with points for each series. Rows have from, series and value; low is the least number that the axis begins at, if there is one.
func lines(rows []obj, y axis, scale, colour obj) obj {
	return obj{
		"name": marks, "transform": rows, "mark": obj{"type": "line", "point": obj{"size": 24}, "strokeWidth": 2},
		"encoding": obj{
			"x": timeAxis("from"),
			"y": obj{"field": "value", "type": "quantitative", "scale": scale, "axis": obj{
				"title": y.title, "format": y.format, "tickCount": 5,
			}},
			"color": colour,
			"tooltip": []obj{
				{"field": "from", "type": "temporal", "title": "from", "format": "%Y-%m-%d %H:%M:%S"},
				{"field": "series", "title": "what"}, {"field": "value", "type": "quantitative", "title": y.title, "format": y.format},
			},
		},
	}
}

// bars is a horizontal bar for each row, with words at its end. Rows have name, value, label, and colour if coloured.
func bars(rows []obj, y string, x axis, scale obj) []obj {
	rows = append(rows, calculate("room", "1.4 * datum.value"))
	names := obj{"field": "name", "type": "nominal", "sort": nil, "axis": obj{"title": y, "labelLimit": 240, "labelOverlap": false, "ticks": false}}
	values := obj{"field": "value", "type": "quantitative", "scale": scale, "axis": obj{
		"title": x.title, "format": x.format, "tickCount": 5, "values": scale["ticks"],
	}}
	if scale["ticks"] == nil {
		delete(values["axis"].(obj), "values")
	}
	scale = without(scale, "ticks")
	values["scale"] = scale
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
			"mark":     obj{"type": "text", "style": "guide-label", "align": "left", "baseline": "middle", "dx": 5, "fontSize": 11},
			"encoding": obj{"y": names, "x": values, "text": obj{"field": "label"}},
		},
	}
	if scale["domain"] != nil {
		return layers
	}
	// An invisible mark beyond each bar leaves room for the words.
	room := obj{"field": "room", "type": "quantitative"}
	return append(layers, obj{
		"name": "room", "transform": rows, "mark": obj{"type": "point", "opacity": 0, "tooltip": nil}, "encoding": obj{"y": names, "x": room},
	})
}

// number is one large number with a sentence under it. The row has big, small and colour.
func number(rows []obj) []obj {
	row := append(rows, keep("datum.doc_count > 0"))
	words := func(name, field, size string, dy string, more obj) obj {
		mark := obj{
			"type": "text", "style": "guide-title", "align": "center", "baseline": "middle", "fontSize": obj{"expr": size},
			"x": obj{"expr": "width / 2"}, "y": obj{"expr": dy}, "tooltip": nil,
		}
		encoding := obj{"text": obj{"field": field}}
		for key, value := range more {
			encoding[key] = value
		}
		return obj{"name": name, "transform": row, "mark": mark, "encoding": encoding}
	}
	return []obj{
		words(marks, "big", "min(height / 3, width / 6)", "height * 0.42", obj{"color": obj{"field": "colour", "type": "nominal", "scale": nil}}),
		words("words", "small", "max(11, min(15, width / 24))", "height * 0.75", obj{}),
	}
}

func without(o obj, key string) obj {
	rest := obj{}
	for k, v := range o {
		if k != key {
			rest[k] = v
		}
	}
	return rest
}
