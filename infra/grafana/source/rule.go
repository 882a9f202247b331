package source

import "strconv"

// RuleFile is what Grafana reads rules from.
type RuleFile struct {
	APIVersion int         `json:"apiVersion"`
	Groups     []RuleGroup `json:"groups"`
}

// RuleGroup holds rules that are looked at together.
type RuleGroup struct {
	OrgID    int    `json:"orgId"`
	Name     string `json:"name"`
	Folder   string `json:"folder"`
	Interval string `json:"interval"`
	Rules    []Rule `json:"rules"`
}

// Rule is one. Its uid stays.
type Rule struct {
	UID          string            `json:"uid"`
	Title        string            `json:"title"`
	Condition    string            `json:"condition"`
	DashboardUID string            `json:"dashboardUid"`
	PanelID      int               `json:"panelId"`
	For          string            `json:"for"`
	NoDataState  string            `json:"noDataState"`
	ExecErrState string            `json:"execErrState"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	Data         []Query           `json:"data"`
}

// Query is a part of a rule: a query over some time until now, or an expression over other parts.
type Query struct {
	RefID             string `json:"refId"`
	RelativeTimeRange Span   `json:"relativeTimeRange"`
	DatasourceUID     string `json:"datasourceUid"`
	Model             Model  `json:"model"`
}

// Span is from when until when, in seconds before now.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Model is what the data source gets. Nothing in it is replaced by variables of the environment.
type Model struct {
	RefID         string        `json:"refId"`
	Datasource    Reference     `json:"datasource"`
	Query         string        `json:"query,omitempty"`
	Metrics       []Metric      `json:"metrics,omitempty"`
	BucketAggs    []Bucket      `json:"bucketAggs,omitempty"`
	IntervalMs    int           `json:"intervalMs,omitempty"`
	MaxDataPoints int           `json:"maxDataPoints,omitempty"`
	Type          string        `json:"type,omitempty"`
	Expression    string        `json:"expression,omitempty"`
	Reducer       string        `json:"reducer,omitempty"`
	Settings      *ReduceMode   `json:"settings,omitempty"`
	Conditions    []Conditional `json:"conditions,omitempty"`
}

// ReduceMode says what becomes of values that are no numbers: dropNN leaves them out.
type ReduceMode struct {
	Mode string `json:"mode"`
}

// Conditional is the condition of a threshold.
type Conditional struct {
	Evaluator Evaluator `json:"evaluator"`
}

// Evaluator is gt or lt with its bound.
type Evaluator struct {
	Type   string    `json:"type"`
	Params []float64 `json:"params"`
}

// The severities, by which notifications are sent: critical and error wake somebody, warning does not.
const (
	critical = "critical"
	failing  = "error"
	warning  = "warning"
)

// rule begins one that fires while its condition has held for some time. The link to what to do is of the runbook of its name.
func rule(uid, title, severity, holds, summary, description string) Rule {
	return Rule{
		UID: "nb-" + uid, Title: title, For: holds, NoDataState: "OK", ExecErrState: "Error",
		Labels: map[string]string{"severity": severity},
		Annotations: map[string]string{
			"summary": summary, "description": description, "runbook_url": "${NUMBERMILL_RUNBOOKS}/" + uid + ".md",
		},
	}
}

// missing fires as well if there is nothing to look at.
func (r Rule) missing() Rule { r.NoDataState = "Alerting"; return r }

// shown leads to a panel. Grafana itself writes both the fields and the annotations.
func (r Rule) shown(dashboard string, panel int) Rule {
	r.DashboardUID, r.PanelID = "nb-"+dashboard, panel
	r.Annotations["__dashboardUid__"], r.Annotations["__panelId__"] = "nb-"+dashboard, strconv.Itoa(panel)
	return r
}

// number adds a query by steps of a minute over the seconds before now, and what is left of it: one number a series. Values that are none do not
// count; without any value the number is none either, but a sum is 0.
func (r Rule) number(ref string, seconds, until int, target Target, reducer string) Rule {
	target = target.each("1m")
	r.Data = append(r.Data,
		Query{ref, Span{seconds + until, until}, target.Datasource.UID, Model{
			RefID: ref, Datasource: target.Datasource, Query: target.Query, Metrics: target.Metrics, BucketAggs: target.BucketAggs,
			IntervalMs: 60_000, MaxDataPoints: 1000,
		}},
		formula(ref+ref, Model{Type: "reduce", Expression: ref, Reducer: reducer, Settings: &ReduceMode{"dropNN"}}))
	return r
}

// when ends a rule of one number, A: above (gt) or below (lt) a bound it fires.
func (r Rule) when(comparison string, bound float64) Rule {
	r.Data = append(r.Data, formula("Z", Model{
		Type: "threshold", Expression: "AA", Conditions: []Conditional{{Evaluator{comparison, []float64{bound}}}},
	}))
	r.Condition = "Z"
	return r
}

// whenever ends a rule of several numbers. A comparison with no number counts as true in Grafana, so there must be no division by what may be 0.
func (r Rule) whenever(condition string) Rule {
	r.Data = append(r.Data, formula("Z", Model{Type: "math", Expression: condition}))
	r.Condition = "Z"
	return r
}

func formula(ref string, model Model) Query {
	model.RefID, model.Datasource = ref, expression
	return Query{RefID: ref, RelativeTimeRange: Span{0, 0}, DatasourceUID: expression.UID, Model: model}
}
