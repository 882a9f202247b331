package nginx_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"numbermill/e2e/nginxtest"
	"numbermill/e2e/platformtest"
)

// TestLogOfAnswers: what the log says of every status, whoever gave the answer.
func TestLogOfAnswers(t *testing.T) {
	t.Parallel()
	n, c := front(t, nil, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Route", "/v1/jobs/{id}")
		h.Set("X-Request-Kind", "interactive")
		h.Set("X-Trace-Id", strings.Repeat("ab", 16))
		h.Set("X-Request-Id", r.Header.Get("X-Request-Id"))
		var status int
		_, _ = fmt.Sscanf(r.URL.Path, "/v1/jobs/%d", &status)
		w.WriteHeader(status)
	})
	for _, status := range []int{200, 201, 204, 304, 400, 404, 409, 422, 429, 500, 503} {
		r := ask(t, c, http.MethodGet, fmt.Sprintf("/v1/jobs/%d?a=b", status), "", "User-Agent", "a person", "Referer", "http://localhost/x", "X-Request-Id", fmt.Sprintf("mine-%d", status))
		if r.Header.Get("X-Route") != "" || r.Header.Get("X-Request-Kind") != "" || r.Header.Get("X-Trace-Id") == "" {
			t.Errorf("%d: clients see the headers %v", status, r.Header)
		}
		code := strconv.Itoa(status)
		line := n.Await(t, code, of("/v1/jobs/"+code, code))
		failed, outcome := "0", "success"
		if status >= 500 {
			failed, outcome = "1", "failure"
		}
		want := map[string]string{
			"http.route": "/v1/jobs/{id}", "request.kind": "interactive", "trace.id": strings.Repeat("ab", 16), "http.request.id": fmt.Sprintf("mine-%d", status),
			"slo.failed": failed, "event.outcome": outcome, "http.request.method": "GET", "url.query": "a=b", "user_agent.original": "a person",
			"http.request.referrer": "http://localhost/x", "url.domain": "127.0.0.1", "source.ip": "127.0.0.1", "client.ip": "127.0.0.1", "http.version": "1.1",
			"service.name": "nginx", "event.dataset": "nginx.access", "event.kind": "event", "event.category": "[web]",
			"message": fmt.Sprintf("GET /v1/jobs/%d %d", status, status), "nginx.access.upstream_status": code,
			"nginx.access.cache": "", "nginx.access.tls": "", "http.response.body.bytes": strconv.Itoa(len(r.Body)),
		}
		got := map[string]string{}
		for name := range want {
			got[name] = line.Text(name)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%d (-log +want):\n%s", status, diff)
		}
		numbersAndTimes(t, line)
	}
}

// stampForm is a time to the millisecond with its zone.
var stampForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$`)

// numbersAndTimes checks what is no text in a line, and that it names the file of its day.
func numbersAndTimes(t *testing.T, line nginxtest.Line) {
	t.Helper()
	for _, name := range []string{"http.request.bytes", "http.response.bytes", "http.response.status_code", "slo.failed", "nginx.access.request_time", "process.pid"} {
		if _, ok := line.Fields[name].(float64); !ok {
			t.Errorf("%s is %v, want a number", name, line.Fields[name])
		}
	}
	stamp := line.Text("@timestamp")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if !stampForm.MatchString(stamp) || err != nil || time.Since(at).Abs() > time.Hour {
		t.Errorf("the time is %s (%v)", stamp, err)
	}
}

// TestLogFile: there is a file for each hour and nginx, whose first bytes no other file has.
func TestLogFile(t *testing.T) {
	t.Parallel()
	n, c := front(t, nil)
	ask(t, c, http.MethodGet, "/", "")
	line := n.Await(t, "a request", of("/", "502"))
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("%s/access-%s-%s.json", n.LogDir, host, line.Text("@timestamp")[:13])
	if _, err := os.Stat(name); err != nil {
		t.Error(err)
	}
	if id := line.Text("http.request.id"); !strings.Contains(line.Raw[:256], id) || len(id) != 32 {
		t.Errorf("the line begins with %s", line.Raw[:256])
	}
}

// TestLogOfFailures: 499, 502 and 504, which no API has answered.
func TestLogOfFailures(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	n, c := front(t, nil, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // until then nobody notices that the client is gone
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(within(t, platformtest.Patience))
	go func() {
		<-arrived
		cancel()
	}()
	if r, err := c.Do(ctx, http.MethodPost, "/v1/gone", `{}`); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that went away got %s (%v)", r, err)
	}
	line := n.Await(t, "a client that went away", of("/v1/gone", "499"))
	if line.Text("slo.failed") != "0" || line.Text("http.route") != "-" || line.Text("request.kind") != "-" || line.Text("trace.id") != "-" {
		t.Errorf("the line of 499 is %s", line.Raw)
	}

	n, c = front(t, map[string]string{"NB_API_SERVERS": "server " + refusing(t) + ";"})
	const trace = "0af7651916cd43dd8448eb211c80319c"
	ask(t, c, http.MethodDelete, "/v1/nobody", "", "traceparent", "00-"+trace+"-b7ad6b7169203331-01")
	line = n.Await(t, "nobody", of("/v1/nobody", "502"))
	if line.Text("slo.failed") != "1" || line.Text("http.route") != "-" || line.Text("http.request.method") != "DELETE" || line.Text("trace.id") != trace {
		t.Errorf("the line of 502 is %s", line.Raw)
	}

	n, c = front(t, map[string]string{"NB_API_SERVERS": "server " + silent(t) + ";"})
	if r := ask(t, c, http.MethodGet, "/v1/silence", ""); r.Status != http.StatusGatewayTimeout {
		t.Errorf("from a server that accepts nothing: %s, want 504", r)
	}
	line = n.Await(t, "silence", of("/v1/silence", "504"))
	if line.Text("slo.failed") != "1" || line.Fields["nginx.access.upstream_response_time"] == nil {
		t.Errorf("the line of 504 is %s", line.Raw)
	}
}

// silent is an address where connections are neither accepted nor refused: those that may wait do, and there is no room for more.
func silent(t *testing.T) (address string) {
	t.Helper()
	fd, address := bound(t)
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for range 8 {
		conn, err := net.DialTimeout("tcp", address, 100*time.Millisecond)
		if err != nil {
			return address // it is full
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Fatal("the queue of connections is never full")
	return ""
}

// TestLogOfGarbage: whatever is sent, the lines are JSON in UTF-8, and say what can be said.
func TestLogOfGarbage(t *testing.T) {
	t.Parallel()
	n, _ := front(t, nil, func(http.ResponseWriter, *http.Request) {})
	const end = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
	long := strings.Repeat("x", 9000)
	tests := map[string]struct{ sent, answer, method string }{
		"no request at all":     {"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "400", ""},
		"a wrong version":       {"GET / HTTP/7.3\r\n\r\n", "505", "GET"},
		"no host":               {"GET /v1/x HTTP/1.1\r\n\r\n", "400", "GET"},
		"bytes in the path":     {"GET /v1/\xff\xfe\xc3\x28\"\\" + end + "\r\n", "200", "GET"},
		"encoded bytes":         {"GET /v1/%ff%fe%00" + end + "\r\n", "400", "GET"},
		"encoded bytes, no nul": {"GET /v1/%ff%fe?%ff=\xff" + end + "\r\n", "200", "GET"},
		"bytes in headers":      {"GET /v1/h" + end + "User-Agent: a\xffb\"\\\r\nReferer: \xc3\x28\r\n\r\n", "200", "GET"},
		"a header too long":     {"GET /v1/l" + end + "X-Long: " + long + "\r\n\r\n", "400", "GET"},
		"an address too long":   {"GET /" + long + end + "\r\n", "414", ""},
		"many headers":          {"GET /v1/m" + end + strings.Repeat("X-Many: "+long[:7000]+"\r\n", 12) + "\r\n", "400", "GET"},
		"the oldest protocol":   {"GET /v1/old\r\n", "", ""},
		"dots":                  {"GET /x/../v1/jobs" + end + "\r\n", "400", "GET"},
		"encoded dots":          {"POST /monitor/%2e%2e/x" + end + "Content-Length: 0\r\n\r\n", "400", "POST"},
	}
	for name, tt := range tests {
		answer := raw(t, n, tt.sent)
		if tt.answer != "" && !strings.HasPrefix(answer, "HTTP/1.1 "+tt.answer) {
			t.Errorf("%s is answered with %.40q, want %s", name, answer, tt.answer)
		}
		if strings.HasPrefix(tt.sent, "GET /v1/") && !strings.Contains(tt.sent, "%00") && tt.answer == "400" && !strings.Contains(answer, "application/problem+json") {
			t.Errorf("%s is answered with %.600q, want a problem document", name, answer)
		}
	}
	n.Await(t, "all of it", func(nginxtest.Line) bool { return len(n.Lines(t)) >= len(tests)-1 }) // of the oldest protocol there may be none
	methods := map[string]int{}
	for _, l := range n.Lines(t) {
		methods[l.Text("http.response.status_code")+l.Text("http.request.method")]++
		if !utf8.ValidString(l.Raw) || l.Text("http.response.status_code") == "" {
			t.Errorf("a line is %q", l.Raw)
		}
		numbersAndTimes(t, l)
	}
	if methods["400GET"] < 4 || methods["400POST"] != 1 || methods["400"] != 1 {
		t.Errorf("the log has these: %v", methods)
	}
}
