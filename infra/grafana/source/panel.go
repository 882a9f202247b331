package source

import "slices"

// kibana is where people's browsers reach Kibana: compose publishes it there. For another place change it here and run `make generate`.
const kibana = "http://localhost:5601"

// dashboard begins one; its panels are put in rows of the grid in their order.
func dashboard(uid, title, description string, panels ...Panel) Dashboard {
	return Dashboard{
		UID: "nb-" + uid, Title: title, Description: description, Tags: []string{"numbermill"},
		SchemaVersion: 39, Version: 1, Editable: true, GraphTooltip: 1, Refresh: "30s", Timezone: "browser",
		Time: Range{"now-6h", "now"},
		Links: []Link{
			{Title: "Dashboards", Type: "dashboards", Icon: "dashboard", Tags: []string{"numbermill"}, KeepTime: true, Tooltip: "The other dashboards, at this time"},
			{Title: "Kibana", Type: "link", Icon: "external link", Tags: []string{}, TargetBlank: true, URL: kibana, Tooltip: "Traces and logs, one by one"},
		},
		Annotations: Annotations{List: []Annotation{{
			Name: "Anomalies", Enable: true, IconColor: "red", Datasource: unusual, Target: Note{"Anno", "kind:event"},
			TimeField: "@timestamp", TimeEndField: "closed_at", TextField: "message", TagsField: "tags",
		}}},
		Templating: Variables{List: []Variable{}},
		Panels:     place(panels),
	}
}

// choose lets people choose among the values of a field; all at first.
func (d Dashboard) choose(name, label string, source Reference, field string) Dashboard {
	d.Templating.List = append(d.Templating.List, Variable{
		Name: name, Type: "query", Label: label, Datasource: &source, Query: `{"find":"terms","field":"` + field + `"}`,
		Refresh: 2, Sort: 1, IncludeAll: true, AllValue: "*", Current: Choice{true, "All", "$__all"},
	})
	return d
}

// half is the width of half the grid.
const half = 12

// place puts panels side by side from the left, and begins a new row where one does not fit.
func place(panels []Panel) []Panel {
	x, y, height := 0, 0, 0
	for i := range panels {
		p := &panels[i]
		if x+p.GridPos.W > 24 {
			x, y, height = 0, y+height, 0
		}
		p.GridPos.X, p.GridPos.Y = x, y
		x, height = x+p.GridPos.W, max(height, p.GridPos.H)
	}
	return panels
}

// panel begins one with what all have. The id is unique within its dashboard and never given to another panel.
func panel(id int, kind, title, answers string, width, height int, targets []Target, options any) Panel {
	return Panel{
		ID: id, Type: kind, Title: title, Description: answers, Datasource: targets[0].Datasource,
		GridPos: Place{W: width, H: height}, Targets: targets, Options: options,
		FieldConfig: Fields{Overrides: []Override{}},
	}
}

// series draws values over time.
func series(id int, title, answers, unit string, width int, targets ...Target) Panel {
	p := panel(id, "timeseries", title, answers, width, 8, targets, map[string]any{
		"legend":  map[string]any{"calcs": []string{"mean", "max"}, "displayMode": "table", "placement": "bottom", "showLegend": true},
		"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
	})
	zero := 0.0
	p.FieldConfig.Defaults = Field{Unit: unit, Min: &zero, Custom: map[string]any{
		"drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "auto", "spanNulls": false,
	}}
	return p
}

// stacked draws how many, piled up, over time.
func stacked(id int, title, answers, unit string, targets ...Target) Panel {
	p := series(id, title, answers, unit, half, targets...)
	p.Options = map[string]any{
		"legend":  map[string]any{"calcs": []string{"sum"}, "displayMode": "table", "placement": "bottom", "showLegend": true},
		"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
	}
	p.FieldConfig.Defaults.Custom = map[string]any{
		"drawStyle": "bars", "lineWidth": 1, "fillOpacity": 80, "stacking": map[string]any{"group": "A", "mode": "normal"},
	}
	return p
}

// stat shows single values: of every number of every row.
func stat(id int, title, answers, unit string, width int, target Target) Panel {
	p := panel(id, "stat", title, answers, width, 5, []Target{target}, map[string]any{
		"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": true},
		"orientation":   "auto", "textMode": "auto", "colorMode": "value", "graphMode": "none", "justifyMode": "auto",
		"wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard",
	})
	p.FieldConfig.Defaults = Field{Unit: unit}
	return p
}

// latest shows the last value of a series.
func latest(id int, title, answers, unit string, target Target) Panel {
	p := stat(id, title, answers, unit, 4, target)
	p.Options = map[string]any{
		"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		"orientation":   "auto", "textMode": "auto", "colorMode": "value", "graphMode": "area", "justifyMode": "auto",
		"wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard",
	}
	return p
}

// table shows rows.
func table(id int, title, answers string, width int, target Target) Panel {
	return panel(id, "table", title, answers, width, 9, []Target{target}, map[string]any{
		"cellHeight": "sm", "frameIndex": 0, "showHeader": true,
	})
}

// steps color a value: the first color up to the first bound, and so on.
func (p Panel) steps(first string, more ...Step) Panel {
	p.FieldConfig.Defaults.Thresholds = &Thresholds{Mode: "absolute", Steps: append([]Step{{Color: first}}, more...)}
	p.FieldConfig.Defaults.Color = &Color{Mode: "thresholds"}
	return p
}

// from is where a color begins.
func from(value float64, color string) Step { return Step{color, &value} }

// empty is shown where there is no value.
func (p Panel) empty(text string) Panel { p.FieldConfig.Defaults.NoValue = text; return p }

// digits after the point.
func (p Panel) decimals(n int) Panel { p.FieldConfig.Defaults.Decimals = &n; return p }

// byMinute divides time no finer than by the minute.
func (p Panel) byMinute() Panel { p.Interval = "1m"; return p }

// then transforms what the queries answer.
func (p Panel) then(id string, options map[string]any) Panel {
	p.Transformations = append(p.Transformations, Transformation{id, options})
	return p
}

// minus shows 1 - a field in its place.
func (p Panel) complement(field, alias string, overTime bool) Panel {
	return p.then("calculateField", map[string]any{
		"mode": "binary", "alias": alias, "replaceFields": true, "timeSeries": overTime,
		"binary": map[string]any{"left": map[string]any{"fixed": "1"}, "operator": "-", "right": byName(field)},
	})
}

// divided shows a field divided by a number in its place.
func (p Panel) divided(field, by, alias string, overTime bool) Panel {
	return p.then("calculateField", map[string]any{
		"mode": "binary", "alias": alias, "replaceFields": true, "timeSeries": overTime,
		"binary": map[string]any{"left": byName(field), "operator": "/", "right": map[string]any{"fixed": by}},
	})
}

func byName(field string) map[string]any {
	return map[string]any{"matcher": map[string]any{"id": "byName", "options": field}}
}

// columns keeps some, in this order.
func (p Panel) columns(names ...string) Panel {
	order := make(map[string]any, len(names))
	for i, name := range names {
		order[name] = i
	}
	return p.then("filterFieldsByName", map[string]any{"include": map[string]any{"names": names}}).
		then("organize", map[string]any{"excludeByName": map[string]any{}, "indexByName": order, "renameByName": map[string]any{}})
}

// set is for one column.
func (p Panel) set(field, property string, value any) Panel {
	for i, o := range p.FieldConfig.Overrides {
		if o.Matcher.Options == field {
			p.FieldConfig.Overrides[i].Properties = slices.Concat(o.Properties, []Property{{property, value}})
			return p
		}
	}
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, Override{Matcher{"byName", field}, []Property{{property, value}}})
	return p
}

// toTrace leads from ids of traces to these in Kibana.
func (p Panel) toTrace() Panel {
	return p.set("trace.id", "links", []DataLink{{"Trace in Kibana", kibana + "/app/apm/link-to/trace/${__value.raw}", true}})
}
