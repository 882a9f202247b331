package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"numbermill/api/app"
	"numbermill/shared/redistest"
)

func TestMetricsTellHowTheQueuesStand(t *testing.T) {
	t.Parallel()
	redis := redistest.New(t)
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry), exporter.WithoutScopeInfo())
	if err != nil {
		t.Fatal(err)
	}
	a := open(t, func(c *app.Config) {
		c.RedisURL, c.Metrics, c.Meters = redis.URL(), registry, metric.NewMeterProvider(metric.WithReader(reader))
	})
	defer stop(t, a)
	c, url := client(t), "http://"+a.Addr()
	post(t, c, url+"/v1/jobs", `{"function":"fibonacci","args":{"n":"10"}}`)
	post(t, c, url+"/v1/jobs", `{"function":"fibonacci","args":{"n":"10"}}`)
	post(t, c, url+"/v1/jobs", `{"function":"fibonacci","args":{"n":"ten"}}`)
	for _, want := range []string{
		`numbermill_queue_tasks{queue="huge-low",state="pending"} 0`, `numbermill_queue_tasks{queue="small",state="pending"} 1`,
		`numbermill_queue_tasks{queue="small",state="archived"} 0`, `numbermill_queue_oldest_age_seconds{queue="large"} 0`,
		`numbermill_queue_paused{queue="small"} 0`, "numbermill_redis_up 1", "numbermill_workers 0",
		`numbermill_jobs_submitted_total{cache="miss",function="fibonacci"} 1`, `numbermill_jobs_submitted_total{cache="joined",function="fibonacci"} 1`,
		`numbermill_jobs_refused_total{reason="invalid-arguments"} 1`,
	} {
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

// post sends a body whatever the answer.
func post(t *testing.T, c *http.Client, url, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
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
