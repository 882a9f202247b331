package grafana

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Frames reads what Elasticsearch answered to a target's search.
func Frames(target Target, answer map[string]any) ([]Frame, error) {
	if len(target.Metrics) == 0 {
		return nil, fmt.Errorf("target %s has no metric", target.RefID)
	}
	switch target.Metrics[0].Type {
	case "raw_data", "logs":
		return documents(answer), nil
	}
	aggregations, _ := answer["aggregations"].(object)
	reader := &reader{target: target}
	if err := reader.walk(aggregations, nil, 0); err != nil {
		return nil, fmt.Errorf("read the answer to target %s: %w", target.RefID, err)
	}
	if reader.table.Columns != nil {
		reader.frames = append(reader.frames, reader.table)
	}
	name(reader.frames, target)
	return reader.frames, nil
}

// documents is a table of all fields of the hits, by their dotted names.
func documents(answer object) []Frame {
	hits, _ := answer["hits"].(object)
	found, _ := hits["hits"].([]any)
	rows := make([]object, 0, len(found))
	names := map[string]bool{}
	for _, hit := range found {
		hit, _ := hit.(object)
		row := object{}
		if source, ok := hit["_source"].(object); ok {
			flatten(source, "", row)
		}
		fields, _ := hit["fields"].(object)
		for name, value := range fields {
			if values, ok := value.([]any); ok && len(values) == 1 {
				value = values[0]
			}
			row[name] = value
		}
		row["_id"], row["_index"] = hit["_id"], hit["_index"]
		rows = append(rows, row)
		for name := range row {
			names[name] = true
		}
	}
	delete(names, timeField)
	frame := Frame{}
	for _, name := range append([]string{timeField}, slices.Sorted(maps.Keys(names))...) {
		column := Column{Name: name, Values: make([]any, len(rows))}
		for i, row := range rows {
			column.Values[i] = cell(name, row[name])
		}
		frame.Columns = append(frame.Columns, column)
	}
	return []Frame{frame}
}

// cell makes a time of the time.
func cell(name string, value any) any {
	text, ok := value.(string)
	if !ok || name != timeField {
		return value
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return value
	}
	return at
}

func flatten(from object, prefix string, to object) {
	for key, value := range from {
		if inner, ok := value.(object); ok && len(inner) > 0 {
			flatten(inner, prefix+key+".", to)
			continue
		}
		to[prefix+key] = value
	}
}

// reader walks through nested buckets. What ends in times becomes series, everything else rows of one table.
type reader struct {
	target Target
	frames []Frame
	table  Frame
}

func (r *reader) walk(aggregations object, labels map[string]string, depth int) error {
	bucket := r.target.BucketAggs[depth]
	aggregation, ok := aggregations[bucket.ID].(object)
	if !ok {
		// Without any index there is no aggregation in the answer.
		return nil
	}
	keys, buckets := split(aggregation["buckets"])
	last := depth == len(r.target.BucketAggs)-1
	if last && bucket.Type == "date_histogram" {
		return r.series(buckets, labels)
	}
	for i, one := range buckets {
		label, value := bucket.Field, key(one)
		if bucket.Type == "filters" {
			label, value = "filter", keys[i]
		}
		if last {
			r.row(one, labels, label, value)
			continue
		}
		inner := maps.Clone(labels)
		if inner == nil {
			inner = map[string]string{}
		}
		inner[label] = text(value)
		if err := r.walk(one, inner, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// split returns the buckets of a list, or those of named filters in the order of their names.
func split(buckets any) ([]string, []object) {
	switch buckets := buckets.(type) {
	case []any:
		all := make([]object, 0, len(buckets))
		for _, bucket := range buckets {
			one, _ := bucket.(object)
			all = append(all, one)
		}
		return nil, all
	case object:
		names := slices.Sorted(maps.Keys(buckets))
		all := make([]object, 0, len(names))
		for _, name := range names {
			one, _ := buckets[name].(object)
			all = append(all, one)
		}
		return names, all
	default:
		return nil, nil
	}
}

func key(bucket object) any {
	if text, ok := bucket["key_as_string"].(string); ok {
		return text
	}
	return bucket["key"]
}

func text(value any) string {
	if n, ok := value.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// values are the numbers of a bucket for a metric, by the names that Grafana gives them.
func values(metric Metric, bucket object) (names []string, numbers []any) {
	if metric.Type == "count" {
		return []string{""}, []any{float(bucket["doc_count"])}
	}
	result, _ := bucket[metric.ID].(object)
	if metric.Type != "percentiles" {
		return []string{""}, []any{float(result["value"])}
	}
	percentiles, _ := result["values"].(object)
	for _, percent := range slices.Sorted(maps.Keys(percentiles)) {
		names = append(names, "p"+percent)
		numbers = append(numbers, float(percentiles[percent]))
	}
	return names, numbers
}

// series makes one of every number of the buckets.
func (r *reader) series(buckets []object, labels map[string]string) error {
	times := make([]any, 0, len(buckets))
	for _, bucket := range buckets {
		times = append(times, millis(bucket["key"]))
	}
	for _, metric := range r.target.Metrics {
		if metric.Hide {
			continue
		}
		if metric.Type == "percentiles" && len(buckets) == 0 {
			continue
		}
		names := []string{""}
		if len(buckets) > 0 {
			names, _ = values(metric, buckets[0])
		}
		columns := make([][]any, len(names))
		for _, bucket := range buckets {
			_, numbers := values(metric, bucket)
			if len(numbers) != len(names) {
				return fmt.Errorf("metric %s has %d numbers in one bucket and %d in another", metric.ID, len(names), len(numbers))
			}
			for i, n := range numbers {
				columns[i] = append(columns[i], n)
			}
		}
		for i, percentile := range names {
			r.frames = append(r.frames, newSeries(metricLabels(metric, percentile, labels), times, columns[i]))
		}
	}
	return nil
}

func metricLabels(metric Metric, percentile string, labels map[string]string) map[string]string {
	all := map[string]string{"metric": metric.Type}
	maps.Copy(all, labels)
	switch {
	case percentile != "":
		all["metric"], all["field"] = percentile, metric.Field
	case metric.Type != "count":
		all["field"], all["metricId"] = metric.Field, metric.ID
	}
	return all
}

// row adds one to the table: what was divided by, and the numbers.
func (r *reader) row(bucket object, labels map[string]string, label string, value any) {
	for _, outer := range slices.Sorted(maps.Keys(labels)) {
		r.table.add(outer, labels[outer])
	}
	r.table.add(label, value)
	for _, metric := range r.target.Metrics {
		names, numbers := values(metric, bucket)
		for i, name := range names {
			r.table.add(r.columnName(metric, name), numbers[i])
		}
	}
}

// columnName tells metrics of one kind apart by their fields.
func (r *reader) columnName(metric Metric, percentile string) string {
	if percentile != "" {
		return percentile + " " + metric.Field
	}
	column, double := metricName(metric.Type), false
	for _, other := range r.target.Metrics {
		if other.ID == metric.ID || other.Type != metric.Type {
			continue
		}
		if !double {
			column, double = column+" "+metric.Field, true
		}
		if other.Field == metric.Field {
			return column + " " + metric.ID
		}
	}
	return column
}
