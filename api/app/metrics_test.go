package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"numbermill/api/app"
	"numbermill/shared/redistest"
)

func TestMetricsTellHowTheQueuesStand(t *testing.T) {
	t.Parallel()
	redis := redistest.New(t)
	a := open(t, func(c *app.Config) { c.RedisURL, c.Metrics = redis.URL(), prometheus.NewRegistry() })
	defer stop(t, a)
	c, url := client(t), "http://"+a.Addr()
	for _, want := range []string{`numbermill_queue_tasks{queue="huge-low",state="pending"} 0`, `numbermill_queue_paused{queue="small"} 0`, "numbermill_redis_up 1"} {
		if status, body := get(t, c, url+"/metrics"); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("got %d without %q:\n%s", status, want, body)
		}
	}
	redis.Kill()
	status, body := get(t, c, url+"/metrics")
	if status != http.StatusOK || !strings.Contains(body, "numbermill_redis_up 0") || strings.Contains(body, "numbermill_queue_tasks{") {
		t.Errorf("without Redis: got %d\n%s", status, body)
	}
}

func TestMetricsThatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	a := open(t, nil)
	defer stop(t, a)
	if status, _ := get(t, client(t), "http://"+a.Addr()+"/metrics"); status != http.StatusNotFound {
		t.Errorf("got %d, want 404", status)
	}
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	a := open(t, nil)
	defer stop(t, a)
	a.Withdraw()
	if status, body := get(t, client(t), "http://"+a.Addr()+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "draining") {
		t.Errorf("got %d %s", status, body)
	}
}

func TestRateLimitOfTheConfig(t *testing.T) {
	t.Parallel()
	a := open(t, func(c *app.Config) { c.RateLimit = 5 })
	defer stop(t, a)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.Addr()+"/v1/jobs", strings.NewReader(`{"function":"fibonacci","args":{"n":1}}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := client(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if got, want := res.Header.Get("RateLimit-Policy"), `"submissions";q=50;w=10`; res.StatusCode != http.StatusAccepted || got != want {
		t.Errorf("got %d with RateLimit-Policy %s, want 202 with %s", res.StatusCode, got, want)
	}
}
