package source

// obj is a piece of a Vega-Lite specification or of a query.
type obj map[string]any

// Colours that stand out at 3:1 or better both on Kibana's white and on its dark background. Words take the theme's own colour from the styles
// guide-label and guide-title, which Kibana sets.
const (
	blue   = "#4E86C0"
	green  = "#209280"
	amber  = "#B07818"
	red    = "#CC5642"
	purple = "#9170B8"
	pink   = "#C9608A"
	grey   = "#7A8390"
)

// palette is for series whose names are not known beforehand.
func palette() []string { return []string{blue, amber, purple, green, pink, red, grey} }

// asked is the name of the one aggregation at the top: a filter with the picture's own query. Beside %context% Kibana allows no query.
const asked = "asked"

// picture is one Vega-Lite picture and the question behind it.
type picture struct {
	id, title, description string
	// index is asked with query (Lucene; empty for all), over the dashboard's time and under its own query and filters.
	index, query string
	aggs         obj
	// empty is what stands in the middle when no document answers.
	empty  string
	layers []obj
}

// spec is the picture as Kibana's editor shows it.
func (p picture) spec() obj {
	body := obj{"size": 0, "aggs": obj{asked: obj{"filter": lucene(p.query), "aggs": p.aggs}}}
	return obj{
		"$schema":  "https://vega.github.io/schema/vega-lite/v5.json",
		"autosize": obj{"type": "fit", "contains": "padding"},
		"padding":  8,
		"config":   config(),
		"data": obj{
			"url":    obj{"index": p.index, "%context%": true, "%timefield%": timeField, "body": body},
			"format": obj{"property": "aggregations." + asked},
		},
		"layer": append(append([]obj{}, p.layers...), sentence(p.empty)),
	}
}

// config leaves the colour of words to the styles that Kibana sets for its theme. Vega-Lite's own default for them is black and goes before a
// style, so words are marks that are not filled (their colour would be an outline, and is none), and take their fill from the style.
func config() obj {
	return obj{
		// Without documents Vega warns that it knows no extent; the sentence says it better.
		"kibana": obj{"renderer": "svg", "hideWarnings": true},
		"mark":   obj{"color": nil},
		"text":   obj{"color": nil},
		"axis":   obj{"titleFontWeight": "normal", "titlePadding": 8, "labelOverlap": true},
		"view":   obj{"stroke": nil},
	}
}

// lucene is a query as Kibana sends one of the search bar in that language.
func lucene(query string) obj {
	if query == "" {
		return obj{"match_all": obj{}}
	}
	return obj{"query_string": obj{"query": query, "analyze_wildcard": true}}
}

// sentence stands in the middle when nothing answered.
func sentence(words string) obj {
	return obj{
		"name":      "sentence",
		"transform": []obj{{"filter": "datum.doc_count === 0"}},
		"mark": obj{
			"type": "text", "filled": false, "style": "guide-title", "fontSize": 14, "fontWeight": "normal", "align": "center", "baseline": "middle",
			"x": obj{"expr": "width / 2"}, "y": obj{"expr": "height / 2"}, "tooltip": nil,
		},
		"encoding": obj{"text": obj{"value": words}},
	}
}

// Pieces of queries.

// overTime is a histogram over the dashboard's time with about 50 buckets, those without documents too.
func overTime(inner obj) obj {
	return obj{"date_histogram": obj{
		"field": timeField, "interval": obj{"%autointerval%": true}, "min_doc_count": 0,
		"extended_bounds": obj{"min": obj{"%timefilter%": "min"}, "max": obj{"%timefilter%": "max"}},
	}, "aggs": inner}
}

// terms are the values that most documents have, at most size of them.
func terms(field string, size int, inner obj) obj {
	agg := obj{"terms": obj{"field": field, "size": size}}
	if inner != nil {
		agg["aggs"] = inner
	}
	return agg
}

// percentiles of a field, as a list.
func percentiles(field string, percents ...float64) obj {
	return obj{"percentiles": obj{"field": field, "percents": percents, "keyed": false}}
}

func avg(field string) obj  { return obj{"avg": obj{"field": field}} }
func sum(field string) obj  { return obj{"sum": obj{"field": field}} }
func most(field string) obj { return obj{"max": obj{"field": field}} }

// Pieces of transformations.

func calculate(name, expression string) obj { return obj{"calculate": expression, "as": name} }
func keep(expression string) obj            { return obj{"filter": expression} }

// each turns the members of a list into rows.
func each(list, name string) obj { return obj{"flatten": []string{list}, "as": []string{name}} }

// timeRows turns the buckets of times into rows named time, which reach from `from` to `to`.
func timeRows(more ...obj) []obj {
	return append([]obj{
		calculate("width", "length(datum.times.buckets) > 1 ? datum.times.buckets[1].key - datum.times.buckets[0].key : 60000"),
		each("times.buckets", "time"),
		calculate("from", "datum.time.key"),
		calculate("to", "datum.time.key + 0.9 * datum.width"),
	}, more...)
}

// spoken is an expression for a number of seconds as a person says it: 12 ms, 1.25 s.
func spoken(seconds string) string {
	return "(" + seconds + " < 1 ? format(1000 * " + seconds + ", '.3~r') + ' ms' : format(" + seconds + ", '.3~r') + ' s')"
}
