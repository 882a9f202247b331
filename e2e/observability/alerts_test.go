package observability_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/internal/grafana"
	"numbermill/shared/elastictest"
)

// TestAlertRules evaluates every rule on what a real platform left behind, as of its last minutes, and compares with what the documents say.
func TestAlertRules(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	files := readGrafana(t)
	client := grafana.Client{URL: w.es, Sources: files.provisioning.SourcesByUID()}
	k := w.truth(t, files)
	k.by["es-nginx"] = k.by[indexed]
	evaluate(t, files, client, k)
}

// TestAlertRulesOnEverything evaluates every rule in every minute of the made-up world.
func TestAlertRulesOnEverything(t *testing.T) {
	t.Parallel()
	files := readGrafana(t)
	k := everything()
	evaluate(t, files, index(t, elastictest.Start(t), files, k.by), k)
}

// evaluate compares the states of every rule's series with its verdict.
func evaluate(t *testing.T, files grafanaFiles, client grafana.Client, k truth) {
	t.Helper()
	expected := verdicts()
	for _, rule := range files.provisioning.Rules() {
		t.Run(rule.Title, func(t *testing.T) {
			t.Parallel()
			judge, known := expected[rule.Title]
			if !known {
				t.Fatal("nothing is expected of this rule")
			}
			for at := k.from.Add(2 * time.Minute).Truncate(time.Minute); !at.After(k.to); at = at.Add(2 * time.Minute) {
				want := firing(judge(k, at))
				if diff := cmp.Diff(want, statesOf(t, client, rule, at)); diff != "" {
					t.Errorf("as of %v the rule fires for other series (-want +got):\n%s", at, diff)
				}
			}
		})
	}
	for title := range expected {
		if !slices.ContainsFunc(files.provisioning.Rules(), func(rule grafana.Rule) bool { return rule.Title == title }) {
			t.Errorf("something is expected of rule %s, which is not there", title)
		}
	}
}

func firing(verdict map[string]bool) []string {
	var all []string
	for series, fires := range verdict {
		if fires {
			all = append(all, series)
		}
	}
	slices.Sort(all)
	return all
}

// statesOf are the series for which the rule's condition holds.
func statesOf(t *testing.T, client grafana.Client, rule grafana.Rule, at time.Time) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	instances, err := client.Evaluate(ctx, rule, at)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, instance := range instances {
		if instance.State == grafana.Alerting {
			var values []string
			for _, key := range slices.Sorted(maps.Keys(instance.Labels)) {
				values = append(values, instance.Labels[key])
			}
			all = append(all, strings.Join(values, " "))
		}
	}
	slices.Sort(all)
	return all
}

// TestAlertRulesFire follows every rule through half an hour of small worlds: what fires in the end, its time to wait included.
func TestAlertRulesFire(t *testing.T) {
	t.Parallel()
	files := readGrafana(t)
	node := elastictest.Start(t)
	// As many errors as ever are no spike.
	always := []string{}
	for _, rule := range files.provisioning.Rules() {
		if rule.Title != "LogErrorSpike" {
			always = append(always, rule.Title)
		}
	}
	slices.Sort(always)
	cases := map[string]struct {
		make  func(h *halfHour, minute int)
		fires []string
	}{
		"quiet":                           {func(h *halfHour, minute int) { h.minute(minute, good()) }, nil},
		"bad":                             {func(h *halfHour, minute int) { h.minute(minute, bad()) }, always},
		"nothing":                         {func(*halfHour, int) {}, []string{"NoWorkers", "ReadyDown", "SiteDown"}},
		"bad only until five minutes ago": {func(h *halfHour, minute int) { h.minute(minute, until(minute, 23, bad(), good())) }, lately},
		"bad only for the last minute":    {func(h *halfHour, minute int) { h.minute(minute, until(minute, 29, good(), bad())) }, shortly},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &halfHour{begin: time.Now().UTC().Truncate(time.Minute).Add(-30 * time.Minute), by: map[string][]document{}}
			for minute := range 30 {
				c.make(h, minute)
			}
			client := index(t, node, files, h.by)
			var got []string
			for _, rule := range files.provisioning.Rules() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				end := h.begin.Add(30 * time.Minute)
				states, err := client.Follow(ctx, rule, end.Add(-waits(t, rule)-2*time.Minute), end, time.Minute)
				cancel()
				if err != nil {
					t.Fatal(err)
				}
				if states[len(states)-1] == grafana.Alerting {
					got = append(got, rule.Title)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.fires, got); diff != "" {
				t.Errorf("other rules fire (-want +got):\n%s", diff)
			}
		})
	}
}

// lately are the rules that look back for longer than five minutes and do not ask how things are now.
var lately = []string{"BurnSlow", "CertExpiry", "TelemetryLost"}

// shortly are the rules that do not wait until something has lasted.
var shortly = []string{"Anomaly", "BurnFast", "BurnSlow", "LogErrorSpike", "TelemetryLost"}

// waits is how long a rule's condition must hold.
func waits(t *testing.T, rule grafana.Rule) time.Duration {
	t.Helper()
	holds, err := time.ParseDuration(rule.For)
	if err != nil {
		t.Fatalf("rule %s: for: %v", rule.Title, err)
	}
	return holds
}

func until(minute, bound int, before, after state) state {
	if minute < bound {
		return before
	}
	return after
}

// state is how a platform does.
type state struct {
	up, failed, workers, archived, failedJobs, waiting, shipped, errors, lost int
	seconds, age, disk, score                                                 float64
	status                                                                    string
	certificate                                                               time.Duration
}

func good() state {
	return state{up: 1, workers: 2, shipped: 10, waiting: 1, errors: 0, seconds: 0.05, age: 2, disk: 0.4, score: 1, status: "quiet", certificate: 80 * 24 * time.Hour}
}

func bad() state {
	return state{
		failed: 5, archived: 3, failedJobs: 5, waiting: 900, errors: 20, lost: 7, seconds: 3, age: 100, disk: 0.93, score: 8, status: "open",
		certificate: 5 * 24 * time.Hour,
	}
}

// halfHour collects what a platform leaves behind in half an hour.
type halfHour struct {
	begin time.Time
	by    map[string][]document
}

// minute adds what a platform leaves behind in one.
func (h *halfHour) minute(n int, s state) {
	at := h.begin.Add(time.Duration(n)*time.Minute + 20*time.Second)
	add := func(source string, d document) {
		d["@timestamp"] = at.Format(time.RFC3339)
		h.by[source] = append(h.by[source], d)
	}
	for _, monitor := range []string{"site", "ready"} {
		add("es-heartbeat", document{
			"monitor.id": monitor, "summary.up": s.up, "summary.down": 1 - s.up, "tls.server.x509.not_after": h.begin.Add(s.certificate).Format(time.RFC3339),
		})
	}
	for i := range 10 {
		d := document{"request.kind": "interactive", "user_agent.original": "curl/8", "slo.failed": 0, requestTime: s.seconds}
		if i < s.failed {
			d["slo.failed"] = 1
		}
		add("es-nginx", d)
		// What Heartbeat asks for counts for nothing, here: it would be slow and failing.
		add("es-nginx", document{"request.kind": "probe", "user_agent.original": "Elastic-Heartbeat/8.19.21", "slo.failed": 1, requestTime: 9.0})
	}
	for range s.errors {
		add("es-app", document{"service.name": "numbermill-api", "log.level": "error", "message": "it broke"})
	}
	add("es-app", document{"service.name": "numbermill-api", "log.level": "info", "message": "it works"})
	h.metrics(add, s)
	add("es-anomalies", document{"kind": "point", "series": "requests", "status": s.status, "score": s.score, "value": 1.0})
}

func (h *halfHour) metrics(add func(string, document), s state) {
	tell := func(name string, value float64, labels ...string) {
		d := document{"service.name": "numbermill-api", name: value}
		for i := 0; i < len(labels); i += 2 {
			d["labels."+labels[i]] = labels[i+1]
		}
		add("es-metrics", d)
	}
	tell("numbermill.workers", float64(s.workers))
	tell("numbermill.queue.oldest_age", s.age, "queue", "large")
	tell("numbermill.queue.tasks", 500, "queue", "large", "state", "pending")
	tell("numbermill.queue.tasks", float64(s.archived), "queue", "large", "state", "archived")
	tell("numbermill.jobs.finished", float64(s.failedJobs), "outcome", "failed")
	tell("numbermill.jobs.finished", 20, "outcome", "succeeded")
	tell("numbermill.history.waiting", float64(s.waiting))
	tell("numbermill.history.shipped", float64(s.shipped))
	tell("numbermill.disk.used", s.disk)
	tell("numbermill.telemetry.dropped_log_lines", float64(s.lost))
}

// TestRuleWaits follows one rule minute by minute: it is pending until its condition has held for long enough, and normal again at once.
func TestRuleWaits(t *testing.T) {
	t.Parallel()
	files := readGrafana(t)
	h := &halfHour{begin: time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC), by: map[string][]document{}}
	for minute := range 30 {
		h.minute(minute, until(minute, 10, good(), until(minute, 20, bad(), good())))
	}
	client := index(t, elastictest.Start(t), files, h.by)
	rules := files.provisioning.Rules()
	rule := rules[slices.IndexFunc(rules, func(rule grafana.Rule) bool { return rule.Title == "DeadJobs" })]
	states, err := client.Follow(t.Context(), rule, h.begin.Add(9*time.Minute), h.begin.Add(22*time.Minute), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, state := range states {
		got = append(got, fmt.Sprintf("%d %s", 9+i, state))
	}
	want := []string{
		"9 Normal", "10 Normal", "11 Pending", "12 Alerting", "13 Alerting", "14 Alerting", "15 Alerting", "16 Alerting", "17 Alerting", "18 Alerting",
		"19 Alerting", "20 Alerting", "21 Normal", "22 Normal",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("other states (-want +got):\n%s", diff)
	}
}
