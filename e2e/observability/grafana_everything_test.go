package observability_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"numbermill/shared/elastictest"
)

// applyTemplates puts in place what `numbermill setup` does, and what Elasticsearch has for APM's data streams in production.
func applyTemplates(t *testing.T, node *elastictest.Node) {
	t.Helper()
	node.Apply(os.DirFS(filepath.Join("..", "..", "infra", "elasticsearch")))
	node.ApplyAPM()
}

// maker makes documents up.
type maker struct {
	*rand.Rand
	truth
}

// everything is ten minutes of a platform to which everything happens that panels show. It is the same in every run.
func everything() truth {
	begin := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	m := &maker{rand.New(rand.NewPCG(1, 2)), truth{begin, begin.Add(10 * time.Minute), map[string][]document{}}}
	for i := range 600 {
		m.request(i)
		m.line(i)
		m.spans(i)
		m.job(i)
	}
	for i := range 120 {
		m.check(i, "site")
		m.check(i, "ready")
	}
	for minute := range 10 {
		m.metrics(minute)
		m.anomalies(minute)
	}
	m.by[indexed] = m.by["es-nginx"]
	return m.truth
}

// add adds a document with a time: a little before the end of the ten minutes, drawn at random unless it is given.
func (m *maker) add(source string, d document) {
	if _, given := d["@timestamp"]; !given {
		d["@timestamp"] = m.from.Add(time.Duration(m.IntN(600_000)) * time.Millisecond)
	}
	at, _ := d["@timestamp"].(time.Time)
	d["@timestamp"] = at.Format("2006-01-02T15:04:05.000Z")
	m.by[source] = append(m.by[source], d)
}

func pick[T any](m *maker, of ...T) T { return of[m.IntN(len(of))] }

func (m *maker) request(i int) {
	d := document{
		"http.request.method": pick(m, "GET", "POST"), "url.path": fmt.Sprintf("/v1/jobs/%d", i), "http.route": pick(m, "/v1/jobs", "/v1/jobs/{id}", "web", "unmatched"),
		"http.response.status_code": pick(m, 200, 200, 202, 404, 429, 499, 500, 503), "http.response.bytes": 300 + i, "http.response.body.bytes": i,
		"request.kind": pick(m, "interactive", "interactive", "wait", "stream", "download", "probe"), requestTime: float64(m.IntN(5000)) / 1000,
		"slo.failed": 0, "trace.id": fmt.Sprintf("%032x", i), "user_agent.original": pick(m, "curl/8", "Elastic-Heartbeat/8.19.21 (linux)", "Mozilla/5.0"),
	}
	if status := d["http.response.status_code"]; status == 500 || status == 503 {
		d["slo.failed"] = 1
	}
	if i%7 > 0 {
		d["nginx.access.upstream_response_time"] = float64(m.IntN(4000)) / 1000
	}
	m.add("es-nginx", d)
}

func (m *maker) line(i int) {
	d := document{
		"service.name": pick(m, "numbermill-api", "numbermill-worker"), "log.level": pick(m, "debug", "info", "info", "warn", "error"),
		"message": fmt.Sprintf("line %d", i), "trace.id": fmt.Sprintf("%032x", i),
	}
	if level := d["log.level"]; level == "error" {
		d["error.message"], d["job.id"] = "it broke", fmt.Sprintf("job_%d", i)
	}
	m.add("es-app", d)
}

func (m *maker) spans(i int) {
	m.add("es-traces", document{
		"processor.event": "transaction", "service.name": "numbermill-api", "transaction.name": pick(m, "POST /v1/jobs", "GET /v1/jobs/{id}"),
		"transaction.duration.us": 1000 + m.IntN(1_000_000), "event.outcome": "success", "trace.id": fmt.Sprintf("%032x", i),
	})
	m.add("es-traces", document{
		"processor.event": "transaction", "service.name": "numbermill-worker", "transaction.name": "process " + pick(m, "fibonacci", "factorial"),
		"transaction.duration.us": 2000 + m.IntN(9_000_000), "event.outcome": pick(m, "success", "success", "failure"), "trace.id": fmt.Sprintf("%032x", i),
	})
	m.add("es-traces", document{
		"processor.event": "span", "service.name": "numbermill-worker", "span.name": pick(m, "wait in queue", "claim", "compute", "write", "verify", "publish"),
		"span.duration.us": 100 + m.IntN(900_000), "event.outcome": "success", "trace.id": fmt.Sprintf("%032x", i),
	})
}

func (m *maker) job(i int) {
	d := document{
		"job.id": fmt.Sprintf("job_%d", i), "function": pick(m, "fibonacci", "factorial", "ackermann"), "state": pick(m, "succeeded", "succeeded", "failed", "cancelled"),
		"timing_ms.total": float64(m.IntN(100_000)), "trace.id": fmt.Sprintf("%032x", i), "cache": pick(m, "miss", "hit"),
	}
	if d["state"] == "failed" {
		d["error.code"], d["error.message"] = "internal", "it broke"
	}
	m.add("es-jobs", d)
}

func (m *maker) check(i int, monitor string) {
	up := 1
	if i >= 40 && i < 60 {
		up = 0
	}
	d := document{
		"@timestamp": m.from.Add(time.Duration(i)*5*time.Second + time.Duration(m.IntN(900))*time.Millisecond), "monitor.id": monitor, "summary.up": up,
		"summary.down": 1 - up, "monitor.status": map[int]string{0: "down", 1: "up"}[up], "monitor.duration.us": 1000 + m.IntN(90_000), "url.full": "https://example.test/",
	}
	if up == 0 {
		d["error.message"] = "received status code 502 expecting [200]"
	}
	if monitor == "site" && up == 1 {
		end := m.from.Add(90 * 24 * time.Hour)
		d["tls.server.x509.not_after"], d["not_after_ms"] = end.Format(time.RFC3339), float64(end.UnixMilli())
	}
	m.add("es-heartbeat", d)
}

// metrics are those of a minute, as two processes tell them.
func (m *maker) metrics(minute int) {
	for process := range 2 {
		at := m.from.Add(time.Duration(minute)*time.Minute + time.Duration(process)*7*time.Second)
		tell := func(d document) {
			d["@timestamp"] = at
			m.add("es-metrics", d)
		}
		for _, queue := range []string{"small", "large"} {
			for _, state := range []string{"pending", "active", "scheduled", "retry", "archived"} {
				tell(document{"service.name": "numbermill-api", "labels.queue": queue, "labels.state": state, "numbermill.queue.tasks": float64(m.IntN(50))})
			}
			tell(document{"service.name": "numbermill-api", "labels.queue": queue, "numbermill.queue.oldest_age": float64(m.IntN(90))})
			tell(document{"service.name": "numbermill-api", "labels.queue": queue, "numbermill.queue.paused": float64(m.IntN(2))})
		}
		tell(document{"service.name": "numbermill-api", "numbermill.workers": float64(1 + m.IntN(3)), "numbermill.redis.up": float64(m.IntN(2))})
		tell(document{"service.name": "numbermill-worker", "numbermill.history.waiting": float64(m.IntN(300)), "numbermill.disk.used": m.Float64()})
		tell(document{"service.name": "numbermill-worker", "numbermill.wrong_results": 1.0, "numbermill.telemetry.dropped_log_lines": float64(m.IntN(9))})
		for _, word := range []string{"miss", "hit"} {
			tell(document{"service.name": "numbermill-api", "labels.cache": word, "labels.function": "factorial", "numbermill.jobs.submitted": float64(m.IntN(9))})
		}
		tell(document{"service.name": "numbermill-api", "labels.reason": pick(m, "quota-exceeded", "cost-limit-exceeded"), "numbermill.jobs.refused": float64(m.IntN(9))})
		tell(document{"service.name": "numbermill-worker", "labels.outcome": pick(m, "succeeded", "retried"), "numbermill.attempts": float64(m.IntN(9))})
		tell(document{"service.name": "numbermill-worker", "labels.outcome": pick(m, "succeeded", "failed"), "labels.function": "factorial", "numbermill.jobs.finished": float64(m.IntN(9))})
		tell(document{"service.name": "numbermill-worker", "labels.size_class": pick(m, "small", "huge"), "numbermill.job.queue_wait": m.observations()})
		tell(document{
			"service.name": "numbermill-worker", "labels.size_class": pick(m, "small", "huge"), "labels.function": pick(m, "factorial", "fibonacci"),
			"labels.outcome": "succeeded", "numbermill.job.run_time": m.observations(),
		})
		for _, service := range []string{"numbermill-api", "numbermill-worker"} {
			tell(document{"service.name": service, "labels.go_memory_type": pick(m, "stack", "other"), "go.memory.used": float64(m.IntN(1 << 30))})
			tell(document{"service.name": service, "go.goroutine.count": float64(m.IntN(500))})
		}
	}
}

func (m *maker) observations() []float64 {
	all := make([]float64, 1+m.IntN(20))
	for i := range all {
		all[i] = m.Float64() * 10
	}
	return all
}

func (m *maker) anomalies(minute int) {
	at := m.from.Add(time.Duration(minute) * time.Minute)
	for _, name := range []string{"requests", "latency"} {
		m.add("es-anomalies", document{
			"@timestamp": at, "kind": "point", "series": name, "status": pick(m, "quiet", "open"), "value": m.Float64(), "expected": m.Float64(),
			"lower": m.Float64(), "upper": m.Float64(), "score": 10 * m.Float64(),
		})
	}
	if minute%3 == 0 {
		m.add("es-anomalies", document{
			"@timestamp": at, "kind": "event", "series": "latency", "status": pick(m, "open", "closed"), "score": 5.5, "value": 2.0, "expected": 1.0,
			"opened_at": at.Format(time.RFC3339), "message": "latency is not as usual", "dedup_key": "anomaly|latency", "tags": []string{"latency"},
		})
	}
}
