package detector

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/elastictest"
)

// scene is a detector on a real Elasticsearch, in a namespace of its own, that watches two series.
type scene struct {
	node      *elastictest.Node
	detector  *Detector
	pager     *pager
	nginx     string
	anomalies string
	now       time.Time // the minute that is being lived through
}

func newScene(t *testing.T) *scene {
	t.Helper()
	node := elastictest.Start(t)
	node.Apply(os.DirFS("../../../infra/elasticsearch"))
	space := fmt.Sprintf("d%x", rand.Uint64())
	s := &scene{
		node: node, nginx: "logs-nginx.access-" + space, anomalies: "anomalies-numbermill-" + space,
		now: time.Now().UTC().Truncate(time.Minute).Add(-time.Hour),
	}
	t.Cleanup(func() {
		for _, stream := range []string{s.nginx, s.anomalies} {
			node.Ask(http.MethodDelete, "/_data_stream/"+stream, nil)
		}
	})
	var notify *PagerDuty
	s.pager, notify = newPager(t)
	s.detector = New(Config{
		Elastic: node.Client(), Notify: notify, Logger: slog.New(slog.DiscardHandler),
		Lease: func(context.Context, string, time.Duration) (bool, error) { return true, nil },
	})
	s.detector.elastic.stream, s.detector.series = s.anomalies, nil
	for _, series := range All() {
		if series.Name == "requests" || series.Name == "failed-requests" {
			series.Index = s.nginx
			s.detector.series = append(s.detector.series, series)
		}
	}
	return s
}

// minute is a minute of requests, some of which failed.
func (s *scene) minute(at time.Time, count, failed int) (documents []any) {
	for i := range count {
		status, bad := 200, 0
		if i < failed {
			status, bad = 500, 1
		}
		documents = append(documents, map[string]any{
			"@timestamp": at.Add(time.Duration(i) * time.Minute / time.Duration(count)).Format(time.RFC3339Nano),
			"http":       map[string]any{"response": map[string]any{"status_code": status}, "route": "/v1/jobs"},
			"request":    map[string]any{"kind": "interactive"}, "slo": map[string]any{"failed": bad},
		})
	}
	return documents
}

// season writes the scene's time of day for three days of its kind.
func (s *scene) season() {
	const days, ahead = 3, 25
	var documents []any
	for day, written := 1, 0; written < days; day++ {
		then := s.now.AddDate(0, 0, -day)
		if isWeekend(then) != isWeekend(s.now) {
			continue
		}
		written++
		for m := -seasonMinutes; m <= seasonMinutes+ahead; m++ {
			documents = append(documents, s.minute(then.Add(time.Duration(m)*time.Minute), 30+(day+m+10)%5, 0)...)
		}
	}
	s.node.Bulk(s.nginx, documents...)
}

// live writes a minute, and has the detector look when it is complete.
func (s *scene) live(t *testing.T, count, failed int) {
	t.Helper()
	s.node.Bulk(s.nginx, s.minute(s.now, count, failed)...)
	s.now = s.now.Add(time.Minute)
	if err := s.detector.Look(t.Context(), s.now.Add(lag)); err != nil {
		t.Fatal(err)
	}
}

// events are what was written about incidents, oldest first.
func (s *scene) events(t *testing.T, series string) (all []string) {
	t.Helper()
	var answer struct {
		Hits struct {
			Hits []struct {
				Source map[string]any `json:"_source"` //nolint:tagliatelle // so Elasticsearch calls it
			} `json:"hits"`
		} `json:"hits"`
	}
	s.node.Search(s.anomalies, object{
		"size": 100, "sort": []string{"@timestamp"},
		"query": object{"bool": object{"filter": []object{{"term": object{"kind": "event"}}, {"term": object{"series": series}}}}},
	}, &answer)
	for _, h := range answer.Hits.Hits {
		all = append(all, fmt.Sprint(h.Source["status"]))
	}
	return all
}

func TestAnIncidentFromBeginToEnd(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.season()
	for range 3 {
		s.live(t, 32, 0)
	}
	for range 5 {
		s.live(t, 32, 16)
	}
	if got := s.events(t, "failed-requests"); !cmp.Equal(got, []string{statusOpen}) {
		t.Errorf("when every second request fails for five minutes: got %v, want one that is open", got)
	}
	// Another process goes on, and looks at what was judged once more: nothing comes twice.
	again := *s.detector
	s.detector = &again
	for range closeAfter + 2 {
		s.live(t, 31, 0)
		if err := s.detector.Look(t.Context(), s.now.Add(lag)); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.events(t, "failed-requests"); !cmp.Equal(got, []string{statusOpen, statusClosed}) {
		t.Errorf("after a quiet quarter of an hour: got %v, want it closed", got)
	}
	if got := s.events(t, "requests"); len(got) != 0 {
		t.Errorf("as many requests as ever: got %v, want nothing", got)
	}
	var told []string
	for _, e := range s.pager.told() {
		told = append(told, fmt.Sprint(e["event_action"], " ", e["dedup_key"]))
	}
	if want := []string{"trigger anomaly|numbermill|failed-requests", "resolve anomaly|numbermill|failed-requests"}; !cmp.Equal(told, want) {
		t.Errorf("PagerDuty was told %v, want %v", told, want)
	}
	const minutes = 3 + 5 + closeAfter + 2
	if got := s.node.Count(s.anomalies, "kind:point AND series:requests"); got != minutes {
		t.Errorf("got %d judged minutes, want %d", got, minutes)
	}
	if got := s.node.Count(s.anomalies, "kind:point AND series:failed\\-requests AND flagged:true"); got != 5 {
		t.Errorf("got %d flagged minutes, want 5", got)
	}
}

// No requests at all are unusual, too, and people hear of it though nobody could be told at first.
func TestSilenceAndAPagerThatIsDown(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.season()
	s.live(t, 33, 0)
	s.pager.answers = []int{500, 500, 500}
	for range 5 {
		s.live(t, 0, 0)
	}
	if got := s.events(t, "requests"); !cmp.Equal(got, []string{statusOpen}) {
		t.Errorf("without requests: got %v, want one that is open", got)
	}
	if n := len(s.pager.told()); n != 4 {
		t.Errorf("PagerDuty was told %d times, want 4: three refusals, then once more", n)
	}
}

func TestWithoutStreamsNothingIsFound(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.detector.Look(t.Context(), s.now); err != nil {
		t.Errorf("with nothing in Elasticsearch: got %v, want no error", err)
	}
	s.node.Bulk(s.nginx, s.minute(s.now, 40, 40)...)
	s.now = s.now.Add(time.Minute)
	if err := s.detector.Look(t.Context(), s.now.Add(lag)); err != nil {
		t.Fatal(err)
	}
	if n := s.node.Count(s.anomalies, "flagged:true"); n != 0 {
		t.Errorf("in the first minute of a platform: got %d flagged, want none", n)
	}
}

// The series ask for fields that documents have.
func TestEverySeriesCanBeAsked(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	seen := map[string]bool{}
	for _, series := range All() {
		if seen[series.Name] || strings.ContainsAny(series.Name, "| \"") || series.Title == "" || series.Factor == 0 {
			t.Errorf("series %+v: names must be unique and simple, and all members set", series)
		}
		seen[series.Name] = true
		if _, err := s.detector.elastic.values(t.Context(), series, seasonOf(s.now)); err != nil {
			t.Errorf("%s: %v", series.Name, err)
		}
	}
}
