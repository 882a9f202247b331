package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"numbermill/api/internal/server"
)

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	h := start(t)
	for given, kept := range map[string]bool{
		"": false, "abc-123": true, "A.b_c:d": true, strings.Repeat("a", 64): true,
		strings.Repeat("a", 65): false, "-a": false, "a b": false, "a\"b": false, "é": false,
	} {
		got := h.get("/healthz", header{"X-Request-Id": given}).Header.Get("X-Request-Id")
		if (got == given) != kept || len(got) == 0 {
			t.Errorf("X-Request-Id %q is answered with %q", given, got)
		}
	}
}

func TestTraceIDs(t *testing.T) {
	t.Parallel()
	h := start(t)
	const trace = "0af7651916cd43dd8448eb211c80319c"
	got := h.get("/healthz", header{"Traceparent": "00-" + trace + "-b7ad6b7169203331-01"}).Header.Get("X-Trace-Id")
	if got != trace {
		t.Errorf("X-Trace-Id is %s, want the caller's %s", got, trace)
	}
	r := h.submit(10, header{"Traceparent": "00-" + trace + "-b7ad6b7169203331-01", "Tracestate": "a=b"})
	h.want(r, http.StatusAccepted)
	if run := h.queued(); !strings.Contains(run.Trace["traceparent"], trace) || run.Trace["tracestate"] != "a=b" {
		t.Errorf("the run carries %v", run.Trace)
	}
	one, two := h.get("/healthz", nil).Header.Get("X-Trace-Id"), h.get("/healthz", header{"Traceparent": "nonsense"}).Header.Get("X-Trace-Id")
	if len(one) != 32 || len(two) != 32 || one == two {
		t.Errorf("two requests without a trace have %q and %q", one, two)
	}
}

// lines are the log's lines with this message.
func (h *harness) lines(message string) []map[string]any {
	h.t.Helper()
	var lines []map[string]any
	for line := range strings.Lines(h.log.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			h.t.Fatalf("%v: %s", err, line)
		}
		if v["msg"] == message {
			lines = append(lines, v)
		}
	}
	return lines
}

func TestOneLogLineARequest(t *testing.T) {
	t.Parallel()
	h := start(t)
	r := h.get("/v1/jobs/"+strangeID, header{"X-Request-Id": "mine"})
	h.get("/v1/nothing", nil)
	h.get("/healthz", header{"Host": "evil.example"})
	h.server.Drain()
	lines := h.lines("request")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3:\n%s", len(lines), h.log)
	}
	first := lines[0]
	if first["request_id"] != "mine" || first["route"] != "/v1/jobs/{id}" || first["method"] != "GET" || first["status"] != 404.0 ||
		first["bytes"] != float64(len(r.body)) || first["duration_ms"] == nil {
		t.Errorf("the line is %v", first)
	}
	if lines[1]["route"] != "unmatched" || lines[1]["status"] != 404.0 || lines[2]["status"] != 421.0 {
		t.Errorf("the lines are %v and %v", lines[1], lines[2])
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	web := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			_, _ = w.Write([]byte("half a"))
		}
		panic("a bug")
	})
	h := start(t, func(o *server.Options) { o.Web = web })
	plain := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := plain.Get(h.url + "/early")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusInternalServerError || res.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a panic is answered with %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	if res, err := plain.Get(h.url + "/late"); err == nil {
		buffer := make([]byte, 100)
		for err == nil {
			_, err = res.Body.Read(buffer)
		}
		_ = res.Body.Close()
		if err.Error() == "EOF" {
			t.Error("an answer that broke off looks whole")
		}
	}
	if got := h.lines("handler panicked"); len(got) != 2 || got[0]["panic"] != "a bug" || got[0]["stack"] == nil {
		t.Errorf("the log has %v", got)
	}
	h.want(h.get("/healthz", nil), http.StatusOK)
}
