package platformtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"numbermill/api/client"
)

// requestTimeout bounds one request, a long poll of a minute included.
const requestTimeout = 90 * time.Second

// Client speaks to one process: like the programs that use package client, and by Do in plain HTTP where a test looks at that. It never
// fails a test by itself, so that it can be used from many goroutines.
type Client struct {
	*client.Client

	URL  string
	http *http.Client
}

// NewClient returns a client of its own connections for the address that a process said it is ready at.
func NewClient(tb testing.TB, url string) *Client {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	tb.Cleanup(transport.CloseIdleConnections)
	plain := &http.Client{
		Transport: transport, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	typed, err := client.New(url, plain)
	if err != nil {
		tb.Fatalf("the address that the process is ready at: %v", err)
	}
	return &Client{Client: typed, URL: url, http: plain}
}

// Reply is an answer, read whole.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	asked  string
}

// String is for messages.
func (r Reply) String() string {
	const most = 600
	body := string(r.Body)
	if len(body) > most {
		body = body[:most] + "…"
	}
	return fmt.Sprintf("%s: %d %s", r.asked, r.Status, body)
}

// Decode reads the body as JSON into v.
func (r Reply) Decode(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return fmt.Errorf("%s: %w", r, err)
	}
	return nil
}

// Do makes a request and follows no redirect. headers are names and values by turns; a body is JSON unless a Content-Type says otherwise.
func (c *Client) Do(ctx context.Context, method, path, body string, headers ...string) (Reply, error) {
	asked := method + " " + path
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, strings.NewReader(body))
	if err != nil {
		return Reply{}, fmt.Errorf("%s: %w", asked, err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return Reply{}, fmt.Errorf("%s: read the answer: %w", asked, err)
	}
	return Reply{Status: res.StatusCode, Header: res.Header, Body: b, asked: asked}, nil
}
