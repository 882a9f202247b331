package observability_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// heartbeatAgent is what Heartbeat calls itself.
const heartbeatAgent = "Elastic-Heartbeat/8.19.21 (linux; amd64)"

// noneAnswered stands for the route and the kind of requests that no API has answered.
const noneAnswered = "-"

// call is a request to make, and what it should be counted as if an API answers.
type call struct {
	method, path, body string
	headers            []string // names and values by turns
	route, kind        string   // kind is interactive if empty
	heartbeat          bool
	// giveUp is when the client goes away; never if zero.
	giveUp time.Duration
}

// answer is what came back.
type answer struct {
	status int // 0 if the connection broke
	header http.Header
	body   []byte
}

// recorder makes requests, each on a connection of its own, and notes what came of them.
type recorder struct {
	url string

	mu       sync.Mutex
	requests []request
	ids      []string // of the requests, as the log has them
	count    int
}

// send makes a request. It does not fail: a status tells.
func (r *recorder) send(ctx context.Context, c call) answer {
	if c.giveUp > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.giveUp)
		defer cancel()
	}
	r.mu.Lock()
	r.count++
	id := fmt.Sprintf("w-%d", r.count)
	r.mu.Unlock()
	one := request{at: time.Now(), method: c.method, heartbeat: c.heartbeat}
	got, counted, err := r.exchange(ctx, c, id)
	one.took = time.Since(one.at)
	one.status, one.bytes = got.status, counted.body
	if err != nil && got.status == 0 {
		one.status, one.bytes = 499, 0
	}
	one.route, one.kind, one.traceID = c.counts(got)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests, r.ids = append(r.requests, one), append(r.ids, id)
	return got
}

// counts is what the request is to be counted as, and its trace.
func (c call) counts(got answer) (route, kind, trace string) {
	trace = got.header.Get("X-Trace-Id")
	fromCache := strings.HasPrefix(c.path, "/assets/") && got.status == http.StatusOK
	if trace == "" && !fromCache {
		return noneAnswered, noneAnswered, ""
	}
	switch {
	case c.heartbeat:
		kind = "probe"
	case c.kind != "":
		kind = c.kind
	case strings.HasPrefix(got.header.Get("Preference-Applied"), "wait=") && got.header.Get("Preference-Applied") != "wait=0":
		kind = "wait"
	default:
		kind = "interactive"
	}
	return c.route, kind, trace
}

// exchange sends the request and reads the answer.
func (r *recorder) exchange(ctx context.Context, c call, id string) (answer, *countingConn, error) {
	counted := &countingConn{}
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			counted.Conn = conn
			return counted, err
		},
	}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, c.method, r.url+c.path, strings.NewReader(c.body))
	if err != nil {
		return answer{}, counted, err
	}
	req.Header.Set("X-Request-Id", id)
	req.Header.Set("User-Agent", "world")
	if c.heartbeat {
		req.Header.Set("User-Agent", heartbeatAgent)
	}
	if c.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(c.headers); i += 2 {
		req.Header.Set(c.headers[i], c.headers[i+1])
		if c.headers[i] == "Host" {
			req.Host = c.headers[i+1]
		}
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return answer{}, counted, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, body}, counted, err
}

// countingConn counts what comes after the headers of an answer.
type countingConn struct {
	net.Conn

	head []byte // until the headers are over
	past bool
	body int64
}

// Read reads on.
func (c *countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.past {
		c.body += int64(n)
		return n, err
	}
	c.head = append(c.head, b[:n]...)
	if i := bytes.Index(c.head, []byte("\r\n\r\n")); i >= 0 {
		c.past, c.body = true, int64(len(c.head)-i-4)
	}
	return n, err
}
