package grafana

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Range is the time that is shown, or that a rule looks at.
type Range struct {
	From, To time.Time
	// Step is how finely time is divided where a query leaves it open (interval "auto").
	Step time.Duration
}

// timeField is the time of every document; see the data sources.
const timeField = "@timestamp"

// defaultSize is how many terms or documents there are if a query says nothing.
const defaultSize = 500

// object is a piece of JSON.
type object = map[string]any

// Search is the body of the search that Grafana's data source sends for a target.
func Search(target Target, during Range) (map[string]any, error) {
	if len(target.Metrics) == 0 {
		return nil, fmt.Errorf("target %s has no metric", target.RefID)
	}
	first := target.Metrics[0]
	documents := first.Type == "logs" || first.Type == "raw_data"
	if !documents && len(target.BucketAggs) == 0 {
		return nil, fmt.Errorf("target %s divides by nothing: Grafana refuses it", target.RefID)
	}
	body := object{"size": 0, "query": object{"bool": object{"filter": filters(target.Query, during)}}}
	switch {
	case documents:
		list(body, first, during)
		return body, nil
	default:
		aggregations, err := aggregate(target, during)
		if err != nil {
			return nil, fmt.Errorf("target %s: %w", target.RefID, err)
		}
		body["aggs"] = aggregations
		return body, nil
	}
}

// filters are of the time, both ends included, and of the query.
func filters(query string, during Range) []any {
	all := []any{object{"range": object{timeField: object{
		"gte": during.From.UnixMilli(), "lte": during.To.UnixMilli(), "format": "epoch_millis",
	}}}}
	if strings.TrimSpace(query) != "" {
		all = append(all, lucene(query))
	}
	return all
}

func lucene(query string) object {
	return object{"query_string": object{"analyze_wildcard": true, "query": query}}
}

// list asks for the newest documents.
func list(body object, metric Metric, during Range) {
	size := metric.Settings.Size
	if metric.Type == "logs" {
		size = metric.Settings.Limit
		body["highlight"] = object{
			"fields": object{"*": object{}}, "pre_tags": []string{"@HIGHLIGHT@"}, "post_tags": []string{"@/HIGHLIGHT@"}, "fragment_size": 2147483647,
		}
		body["aggs"] = object{"1": histogram(Bucket{Settings: BucketSettings{Interval: "auto"}}, during)}
	}
	body["size"] = number(size, defaultSize)
	body["sort"] = []any{
		object{timeField: object{"order": "desc", "unmapped_type": "boolean"}},
		object{"_doc": object{"order": "desc"}},
	}
	body["fields"] = []any{object{"field": timeField, "format": "strict_date_optional_time_nanos"}}
	body["docvalue_fields"] = []string{timeField}
	body["script_fields"] = object{}
}

// aggregate nests the buckets, and puts the metrics into the innermost.
func aggregate(target Target, during Range) (object, error) {
	inner := object{}
	for _, metric := range target.Metrics {
		if metric.Type != "count" {
			inner[metric.ID] = single(metric)
		}
	}
	for _, bucket := range slices.Backward(target.BucketAggs) {
		one, err := division(bucket, target.Metrics, during)
		if err != nil {
			return nil, err
		}
		aggs := inner
		if ordered := orderMetric(bucket, target.Metrics); ordered != nil && aggs[ordered.ID] == nil {
			// What orders stands beside what divides further, without its settings.
			aggs[ordered.ID] = single(Metric{Type: ordered.Type, Field: ordered.Field})
		}
		if len(aggs) > 0 {
			one["aggs"] = aggs
		}
		inner = object{bucket.ID: one}
	}
	return inner, nil
}

func single(metric Metric) object {
	settings := object{"field": metric.Field}
	if len(metric.Settings.Percents) > 0 {
		settings["percents"] = metric.Settings.Percents
	}
	return object{metric.Type: settings}
}

func division(bucket Bucket, metrics []Metric, during Range) (object, error) {
	switch bucket.Type {
	case "date_histogram":
		return histogram(bucket, during), nil
	case "terms":
		return terms(bucket, metrics), nil
	case "filters":
		byLabel := object{}
		for _, filter := range bucket.Settings.Filters {
			label := filter.Label
			if label == "" {
				label = filter.Query
			}
			byLabel[label] = lucene(filter.Query)
		}
		return object{"filters": object{"filters": byLabel}}, nil
	default:
		return nil, fmt.Errorf("divides by %s, which is not known here", bucket.Type)
	}
}

// histogram divides by time; steps without documents are there, too, unless they are asked away.
func histogram(bucket Bucket, during Range) object {
	settings := object{
		"field": timeField, "min_doc_count": number(bucket.Settings.MinDocCount, 0), "format": "epoch_millis",
		"extended_bounds": object{"min": during.From.UnixMilli(), "max": during.To.UnixMilli()},
	}
	if bucket.Field != "" {
		settings["field"] = bucket.Field
	}
	switch interval := bucket.Settings.Interval; interval {
	case "", "auto":
		settings["fixed_interval"] = strconv.FormatInt(during.Step.Milliseconds(), 10) + "ms"
	case "1w", "1M", "1q", "1y":
		settings["calendar_interval"] = interval
	default:
		settings["fixed_interval"] = interval
	}
	return object{"date_histogram": settings}
}

var digits = regexp.MustCompile(`^\d+`)

// orderMetric is the metric by which terms are ordered, if it is one that must be computed for it.
func orderMetric(bucket Bucket, metrics []Metric) *Metric {
	if bucket.Type != "terms" {
		return nil
	}
	id := digits.FindString(bucket.Settings.OrderBy)
	for i, metric := range metrics {
		if id != "" && metric.ID == id && metric.Type != "count" {
			return &metrics[i]
		}
	}
	return nil
}

// terms divides by the values of a field. Without an order the last ones of the alphabet come first.
func terms(bucket Bucket, metrics []Metric) object {
	settings := object{"field": bucket.Field, "size": number(bucket.Settings.Size, defaultSize)}
	if bucket.Settings.MinDocCount != "" {
		settings["min_doc_count"] = number(bucket.Settings.MinDocCount, 0)
	}
	by, order := bucket.Settings.OrderBy, bucket.Settings.Order
	if order == "" {
		order = "desc"
	}
	switch id := digits.FindString(by); {
	case by == "":
		by = "_key"
	case id != "" && orderMetric(bucket, metrics) == nil:
		by = "_count"
	case by == "_term":
		by = "_key"
	}
	settings["order"] = object{by: order}
	return object{"terms": settings}
}

// number is of a text; what is none, and 0, is the default.
func number(text string, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n == 0 {
		return otherwise
	}
	return n
}

// Choose puts values in the place of variables: $name and ${name}.
func (t Target) Choose(values map[string]string) Target {
	for name, value := range values {
		t.Query = strings.NewReplacer("${"+name+"}", value, "$"+name, value).Replace(t.Query)
	}
	return t
}

// steps are those that Grafana rounds to: below the first number of milliseconds it takes the second.
var steps = [][2]int64{
	{10, 1},
	{15, 10},
	{35, 20},
	{75, 50},
	{150, 100},
	{350, 200},
	{750, 500},
	{1_500, 1_000},
	{3_500, 2_000},
	{7_500, 5_000},
	{12_500, 10_000},
	{17_500, 15_000},
	{25_000, 20_000},
	{45_000, 30_000},
	{90_000, 60_000},
	{210_000, 120_000},
	{450_000, 300_000},
	{750_000, 600_000},
	{1_050_000, 900_000},
	{1_500_000, 1_200_000},
	{2_700_000, 1_800_000},
	{5_400_000, 3_600_000},
	{9_000_000, 7_200_000},
	{16_200_000, 10_800_000},
	{32_400_000, 21_600_000},
	{86_400_000, 43_200_000},
	{604_800_000, 86_400_000},
	{1_814_400_000, 604_800_000},
}

// Step is how finely a panel so many points wide divides a time, at least as coarsely as the least.
func Step(from, to time.Time, points int, least time.Duration) time.Duration {
	wanted := to.Sub(from).Milliseconds() / int64(max(points, 1))
	rounded := int64(2_592_000_000)
	for _, step := range steps {
		if wanted < step[0] {
			rounded = step[1]
			break
		}
	}
	return max(time.Duration(rounded)*time.Millisecond, least)
}
