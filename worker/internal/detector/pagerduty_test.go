package detector

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pager stands in for PagerDuty: it answers by turns, and keeps what it was told.
type pager struct {
	mu      sync.Mutex
	answers []int // 202 when there are no more
	events  []map[string]any
}

func (p *pager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var e map[string]any
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.events = append(p.events, e)
	code := http.StatusAccepted
	if len(p.answers) > 0 {
		code, p.answers = p.answers[0], p.answers[1:]
	}
	w.WriteHeader(code)
}

func (p *pager) told() []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.events
}

const secretKey = "0123456789abcdef0123456789abcdef"

func newPager(t *testing.T, answers ...int) (*pager, *PagerDuty) {
	t.Helper()
	p := &pager{answers: answers}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	d := NewPagerDuty(server.URL, secretKey)
	d.pause = time.Millisecond
	return p, d
}

func TestPagerDutyTriggersAndResolves(t *testing.T) {
	t.Parallel()
	p, d := newPager(t)
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	if err := d.Open(t.Context(), "key", "it is slow", at, map[string]any{"value": 2.5}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{
			"routing_key": secretKey, "event_action": "trigger", "dedup_key": "key",
			"payload": map[string]any{
				"summary": "it is slow", "source": "numbermill", "severity": "warning", "class": "anomaly", "timestamp": "2026-03-02T12:00:00Z",
				"custom_details": map[string]any{"value": 2.5},
			},
		},
		{"routing_key": secretKey, "event_action": "resolve", "dedup_key": "key"},
	}
	if diff := cmp.Diff(want, p.told()); diff != "" {
		t.Errorf("what PagerDuty was told (-want +got):\n%s", diff)
	}
}

func TestPagerDutyRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		answers []int
		calls   int
		ok      bool
	}{
		{"too many, then not", []int{http.StatusTooManyRequests, http.StatusBadGateway}, 3, true},
		{"broken for long", []int{500, 500, 500}, pagerTries, false},
		{"wrong key", []int{http.StatusBadRequest}, 1, false},
	} {
		p, d := newPager(t, c.answers...)
		err := d.Close(t.Context(), "key")
		if (err == nil) != c.ok || len(p.told()) != c.calls {
			t.Errorf("%s: got %v after %d calls, want ok %v after %d", c.name, err, len(p.told()), c.ok, c.calls)
		}
		if err != nil && strings.Contains(err.Error(), secretKey) {
			t.Errorf("%s: the error holds the key: %v", c.name, err)
		}
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	d := NewPagerDuty(gone.URL+"/"+secretKey, "x")
	d.pause = time.Millisecond
	if err := d.Close(t.Context(), "key"); err == nil || strings.Contains(err.Error(), secretKey) {
		t.Errorf("nobody there: got %v, want an error without the address", err)
	}
}
