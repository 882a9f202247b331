package grafana

import (
	"context"
	"fmt"
	"math"
	"time"
)

// RuleGroup holds rules that are looked at together.
type RuleGroup struct {
	OrgID    int    `yaml:"orgId"`
	Name     string `yaml:"name"`
	Folder   string `yaml:"folder"`
	Interval string `yaml:"interval"`
	Rules    []Rule `yaml:"rules"`
}

// Rule is an alert rule.
type Rule struct {
	UID          string            `yaml:"uid"`
	Title        string            `yaml:"title"`
	Condition    string            `yaml:"condition"`
	DashboardUID string            `yaml:"dashboardUid"`
	PanelID      int               `yaml:"panelId"`
	For          string            `yaml:"for"`
	KeepFiring   string            `yaml:"keepFiringFor"`
	NoDataState  string            `yaml:"noDataState"`
	ExecErrState string            `yaml:"execErrState"`
	Labels       map[string]string `yaml:"labels"`
	Annotations  map[string]string `yaml:"annotations"`
	Data         []RuleQuery       `yaml:"data"`
}

// RuleQuery is a part of a rule.
type RuleQuery struct {
	RefID string `yaml:"refId"`
	Span  struct {
		From int `yaml:"from"`
		To   int `yaml:"to"`
	} `yaml:"relativeTimeRange"`
	DatasourceUID string `yaml:"datasourceUid"`
	Model         Model  `yaml:"model"`
}

// Model is a target with what alerting adds to it.
type Model struct {
	Target        `yaml:",inline"`
	IntervalMs    int `yaml:"intervalMs"`
	MaxDataPoints int `yaml:"maxDataPoints"`
}

// State is what a rule makes of a series at one time.
type State string

// The states.
const (
	Normal   State = "Normal"
	Alerting State = "Alerting"
	NoData   State = "NoData"
	Pending  State = "Pending"
)

// Instance is the state of one series, and the labels by which it is told.
type Instance struct {
	Labels map[string]string
	State  State
}

// Evaluate runs the rule's queries as of a time and returns the state of each series: one is Normal if the condition's number is 0, NoData if it
// has none, and Alerting otherwise, which NaN is as well. Without any series there is one instance with NoData.
func (c Client) Evaluate(ctx context.Context, rule Rule, at time.Time) ([]Instance, error) {
	results, err := c.Values(ctx, rule, at)
	if err != nil {
		return nil, err
	}
	instances := make([]Instance, 0, len(results[rule.Condition]))
	for _, frame := range results[rule.Condition] {
		instance := Instance{frame.Labels, Normal}
		switch n, ok := frame.value().(float64); {
		case !ok:
			instance.State = NoData
		case math.IsNaN(n) || n != 0:
			instance.State = Alerting
		}
		instances = append(instances, instance)
	}
	if len(instances) == 0 {
		instances = append(instances, Instance{nil, NoData})
	}
	return instances, nil
}

// Values runs the rule's queries and expressions as of a time, by their names.
func (c Client) Values(ctx context.Context, rule Rule, at time.Time) (map[string][]Frame, error) {
	results := map[string][]Frame{}
	for _, part := range rule.Data {
		var frames []Frame
		var err error
		if part.DatasourceUID == expressions {
			frames, err = part.Model.compute(results)
		} else {
			during := Range{
				From: at.Add(-time.Duration(part.Span.From) * time.Second), To: at.Add(-time.Duration(part.Span.To) * time.Second),
				Step: time.Duration(part.Model.IntervalMs) * time.Millisecond,
			}
			frames, err = c.query(ctx, part.Model.Target, during)
		}
		if err != nil {
			return nil, fmt.Errorf("rule %s, part %s: %w", rule.Title, part.RefID, err)
		}
		results[part.RefID] = frames
	}
	return results, nil
}

// Follow evaluates the rule once an interval from one time until another, and returns its state each time, the worst of its series': Alerting if
// any has been Alerting, or NoData if that counts as such, for as long as the rule asks, and Pending before.
func (c Client) Follow(ctx context.Context, rule Rule, from, to time.Time, interval time.Duration) ([]State, error) {
	holds := time.Duration(0)
	if rule.For != "" {
		var err error
		if holds, err = time.ParseDuration(rule.For); err != nil {
			return nil, fmt.Errorf("rule %s: for: %w", rule.Title, err)
		}
	}
	var states []State
	since := map[string]time.Time{}
	for at := from; !at.After(to); at = at.Add(interval) {
		instances, err := c.Evaluate(ctx, rule, at)
		if err != nil {
			return nil, err
		}
		state := Normal
		bad := map[string]time.Time{}
		for _, instance := range instances {
			if !rule.counts(instance.State) {
				continue
			}
			series := fmt.Sprint(instance.Labels)
			bad[series] = at
			if begun, ok := since[series]; ok {
				bad[series] = begun
			}
			state = worse(state, at.Sub(bad[series]) >= holds)
		}
		states, since = append(states, state), bad
	}
	return states, nil
}

// counts tells whether a state makes the rule fire.
func (r Rule) counts(state State) bool {
	return state == Alerting || state == NoData && r.NoDataState == string(Alerting)
}

func worse(state State, fires bool) State {
	if fires || state == Alerting {
		return Alerting
	}
	return Pending
}
