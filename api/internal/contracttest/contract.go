// Package contracttest holds what a server really says against the OpenAPI document.
package contracttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"

	"numbermill/api"
)

// document is parsed once a process. The validator is not documented to be safe for concurrent use, hence the lock.
var document = sync.OnceValues(func() (validator.Validator, error) {
	doc, err := libopenapi.NewDocument(api.YAML())
	if err != nil {
		return nil, err
	}
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions())
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if ok, wrong := v.ValidateDocument(); !ok {
		return nil, fmt.Errorf("the document is not OpenAPI: %v", wrong)
	}
	return v, nil
})

var mu sync.Mutex

// Client returns a client that reports every answer that the document does not allow, and every request that the document does not
// allow although the server took it.
func Client(tb testing.TB) *http.Client {
	tb.Helper()
	v, err := document()
	if err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     &checking{tb, v, transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Operations are the document's, in the form "GET /v1/jobs/{id}", sorted.
func Operations() ([]string, error) {
	doc, err := libopenapi.NewDocument(api.YAML())
	if err != nil {
		return nil, err
	}
	model, err := doc.BuildV3Model()
	if err != nil {
		return nil, err
	}
	var operations []string
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			operations = append(operations, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(operations)
	return operations, nil
}

type checking struct {
	t    testing.TB
	v    validator.Validator
	next http.RoundTripper
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
	if !described(r, res) {
		return
	}
	mu.Lock()
	defer mu.Unlock()
	copied := *res
	copied.Body = io.NopCloser(bytes.NewReader(got))
	if ok, wrong := c.v.ValidateHttpResponse(r, &copied); !ok {
		c.t.Errorf("%s: the document does not allow this answer: %v\n%d %s", what, wrong, res.StatusCode, got)
	}
	request := r.Clone(r.Context())
	request.Body = io.NopCloser(bytes.NewReader(sent))
	if strings.Contains(r.Header.Get("Content-Type"), "+json") {
		request.Header.Set("Content-Type", "application/json") // of which the server takes every relative
	}
	if ok, wrong := c.v.ValidateHttpRequest(request); !ok && res.StatusCode < http.StatusBadRequest {
		c.t.Errorf("%s: the server took what the document does not allow: %v\n%s", what, wrong, sent)
	}
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

// described tells whether the document speaks of this exchange at all: not of wrong paths and methods, nor of an absent body.
func described(r *http.Request, res *http.Response) bool {
	switch res.StatusCode {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return strings.HasPrefix(r.URL.Path, "/v1/jobs/job_") && res.StatusCode == http.StatusNotFound && r.Method != http.MethodHead
	case http.StatusNotModified, http.StatusNoContent:
		return false
	}
	return r.Method != http.MethodHead && (strings.HasPrefix(r.URL.Path, "/v1/") || r.URL.Path == "/healthz" || r.URL.Path == "/readyz")
}
