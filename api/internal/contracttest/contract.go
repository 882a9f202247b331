// Package contracttest holds what a server really says against the OpenAPI document.
package contracttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"numbermill/api"
)

// document is parsed once a process.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(api.YAML())
	if err != nil {
		return nil, fmt.Errorf("load the document: %w", err)
	}
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	openapi3filter.RegisterBodyDecoder(api.EventsType, lastEvent)
	return doc, nil
})

// lastEvent reads the last event of a stream, which is what the document describes of one.
func lastEvent(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
	b, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	event := map[string]any{}
	events := strings.Split(strings.TrimSuffix(string(b), "\n\n"), "\n\n")
	for line := range strings.Lines(events[len(events)-1]) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		event[name] = value
	}
	return event, nil
}

// finder finds the operation that a request means. It checks the document itself first.
var finder = sync.OnceValues(func() (routers.Router, error) {
	doc, err := document()
	if err != nil {
		return nil, err
	}
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	return gorillamux.NewRouter(doc)
})

// Client returns a client that reports every answer that the document does not allow, and every request that the document does not
// allow although the server took it.
func Client(tb testing.TB) *http.Client {
	tb.Helper()
	router, err := finder()
	if err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     &checking{tb, router, transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Operations are the document's, in the form "GET /v1/jobs/{id}", sorted.
func Operations() ([]string, error) {
	doc, err := document()
	if err != nil {
		return nil, err
	}
	var operations []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			operations = append(operations, method+" "+path)
		}
	}
	slices.Sort(operations)
	return operations, nil
}

type checking struct {
	t      testing.TB
	router routers.Router
	next   http.RoundTripper
}

// RoundTrip sends the request and reads the answer whole.
func (c *checking) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	res, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(got))
	c.check(r, sent, res, got)
	return res, nil
}

func (c *checking) check(r *http.Request, sent []byte, res *http.Response, got []byte) {
	what := r.Method + " " + r.URL.Path
	for _, name := range []string{"X-Request-Id", "X-Trace-Id"} {
		if res.Header.Get(name) == "" {
			c.t.Errorf("%s: the answer has no %s", what, name)
		}
	}
	if res.StatusCode == http.StatusInternalServerError {
		c.t.Errorf("%s: 500: %s", what, got)
	}
	if res.StatusCode >= http.StatusBadRequest && r.Method != http.MethodHead && r.URL.Path != "/readyz" {
		c.checkProblem(what, res, got)
	}
	request := r.Clone(r.Context())
	request.Body = io.NopCloser(bytes.NewReader(sent))
	route, path, err := c.router.FindRoute(request)
	if err != nil || r.Method == http.MethodHead {
		return // a path or method that is not described, which the routes' own test looks at
	}
	input := &openapi3filter.RequestValidationInput{Request: request, PathParams: path, Route: route, Options: options()}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil && res.StatusCode < http.StatusBadRequest {
		c.t.Errorf("%s: the server took what the document does not allow: %v\n%s", what, err, sent)
	}
	output := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: res.StatusCode, Header: res.Header,
		Body: io.NopCloser(bytes.NewReader(got)), Options: options(),
	}
	if err := openapi3filter.ValidateResponse(r.Context(), output); err != nil {
		c.t.Errorf("%s: the document does not allow this answer: %v\n%d %s", what, err, res.StatusCode, got)
	}
}

func options() *openapi3filter.Options {
	return &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true}
}

func (c *checking) checkProblem(what string, res *http.Response, got []byte) {
	if ct := res.Header.Get("Content-Type"); ct != api.ProblemType {
		c.t.Errorf("%s: the problem has Content-Type %q, want %q", what, ct, api.ProblemType)
	}
	var p api.Problem
	if err := json.Unmarshal(got, &p); err != nil {
		c.t.Errorf("%s: the problem is not JSON: %v\n%s", what, err, got)
		return
	}
	if p.Status != res.StatusCode || !strings.HasPrefix(p.Type, "/problems/") || p.Title == "" || p.Detail == "" ||
		p.RequestID != res.Header.Get("X-Request-Id") {
		c.t.Errorf("%s: the problem is incomplete: %s", what, got)
	}
}
