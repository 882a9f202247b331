package e2e_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// badInput is a request that has to be refused.
type badInput struct {
	method, path, body string
	headers            []string

	status   int
	problem  string   // the last part of its type
	pointers []string // into the body
	says     string   // part of the detail: what would be accepted
}

const (
	jobs     = "/v1/jobs"
	nobody   = "/v1/jobs/job_01936f5e-0000-7000-8000-000000000abc"
	tooBig   = "has more than 1,000 digits"
	anyWhole = "1e6 or 10^6." // how a number may be written
)

// Bad input gets the problem that the contract names, with the field and what would be accepted, and nothing of it makes a job.
func TestBadInput(t *testing.T) {
	t.Parallel()
	_, c := platformtest.Up(t, platformtest.Folder(t))
	t.Cleanup(func() {
		var list api.JobList
		r, err := c.Do(context.Background(), http.MethodGet, jobs, "") // the test's own context has ended
		if err := errors.Join(err, r.Decode(&list)); err != nil || len(list.Jobs) != 0 {
			t.Errorf("after nothing but refusals there are jobs: %s (%v)", r, err)
		}
	})
	for name, tt := range badInputs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.check(t, c)
		})
	}
}

func badInputs() map[string]badInput {
	all := map[string]badInput{
		"unknown function":        submission(`{"function":"fibonaci","args":{"n":1}}`, "Send one of fibonacci,", "/function"),
		"no function":             submission(`{"args":{"n":1}}`, "Send one of fibonacci,", "/function"),
		"missing argument":        submission(`{"function":"fibonacci","args":{}}`, anyWhole, "/args/n"),
		"no arguments":            submission(`{"function":"fibonacci"}`, `{"n":"1000"}`, "/args"),
		"arguments not an object": submission(`{"function":"fibonacci","args":[1]}`, "Send an object", "/args"),
		"two missing arguments":   submission(`{"function":"ackermann","args":{}}`, anyWhole, "/args/m", "/args/n"),
		"unknown argument":        submission(`{"function":"fibonacci","args":{"n":1,"k":2}}`, "It takes n", "/args/k"),
		"negative number":         submission(`{"function":"fibonacci","args":{"n":-1}}`, anyWhole, "/args/n"),
		"negative text":           submission(`{"function":"fibonacci","args":{"n":"-1"}}`, anyWhole, "/args/n"),
		"fractional number":       submission(`{"function":"fibonacci","args":{"n":1.5}}`, anyWhole, "/args/n"),
		"fractional text":         submission(`{"function":"fibonacci","args":{"n":"1.5"}}`, anyWhole, "/args/n"),
		"huge number":             submission(`{"function":"fibonacci","args":{"n":1e99999}}`, tooBig, "/args/n"),
		"huge text":               submission(`{"function":"fibonacci","args":{"n":"`+strings.Repeat("9", 1001)+`"}}`, tooBig, "/args/n"),
		"huge power":              submission(`{"function":"fibonacci","args":{"n":"9^999999999999"}}`, tooBig, "/args/n"),
		"words for a number":      submission(`{"function":"fibonacci","args":{"n":"ten"}}`, anyWhole, "/args/n"),
		"empty text":              submission(`{"function":"fibonacci","args":{"n":""}}`, anyWhole, "/args/n"),
		"null":                    submission(`{"function":"fibonacci","args":{"n":null}}`, anyWhole, "/args/n"),
		"true":                    submission(`{"function":"fibonacci","args":{"n":true}}`, anyWhole, "/args/n"),
		"unknown method":          submission(`{"function":"fibonacci","args":{"n":1},"method":"slow"}`, "It has fast", "/method"),
		"unknown member":          submission(`{"function":"fibonacci","args":{"n":1},"colour":"red"}`, "A request has function,", "/colour"),
		"not an object":           submission(`[1]`, "Send an object", ""),
		"duplicate argument":      unreadable(`{"function":"fibonacci","args":{"n":1,"n":2}}`, "/args/n appears twice. Send it once"),
		"duplicate member":        unreadable(`{"function":"fibonacci","function":"factorial","args":{"n":1}}`, "appears twice. Send it once"),
		"broken JSON":             unreadable(`{"function":"fibonacci",}`, "not valid JSON at byte"),
		"JSON that breaks off":    unreadable(`{"function":"fibonacci","args":{"n":`, "JSON"),
		"two objects":             unreadable(`{"function":"fibonacci","args":{"n":1}} {}`, "Send one object"),
		"not JSON":                unreadable(`function=fibonacci&n=1`, "not valid JSON"),
		"no body":                 unreadable("", `{"function":"fibonacci"`),
		"too large a result": {
			method: http.MethodPost, path: jobs, body: `{"function":"factorial","args":{"n":"1e12"}}`,
			status: 422, problem: "cost-limit-exceeded", says: "The largest that passes is n=",
		},
		"a result beyond writing": {
			method: http.MethodPost, path: jobs, body: `{"function":"ackermann","args":{"m":4,"n":3}}`,
			status: 422, problem: "not-representable", says: "The largest that passes is m=4 n=2",
		},
		"wrong content type": {
			method: http.MethodPost, path: jobs, body: `{"function":"fibonacci","args":{"n":1}}`, headers: []string{"Content-Type", "text/plain"},
			status: 415, problem: "unsupported-media-type", says: "Content-Type: application/json",
		},
		"a body over the limit": {
			method: http.MethodPost, path: jobs, body: `{"function":"fibonacci","args":{"n":"` + strings.Repeat("1", 2_000_000) + `"}}`,
			status: 413, problem: "body-too-large", says: "1048576 bytes at most",
		},
	}
	maps.Copy(all, badAddresses())
	return all
}

func badAddresses() map[string]badInput {
	return map[string]badInput{
		"unknown job":              {method: http.MethodGet, path: nobody, status: 404, problem: "not-found"},
		"result of an unknown job": {method: http.MethodGet, path: nobody + "/result", status: 404, problem: "not-found"},
		"cancel of an unknown job": {method: http.MethodPost, path: nobody + "/cancel", status: 404, problem: "not-found"},
		"no job id":                {method: http.MethodGet, path: "/v1/jobs/7", status: 404, problem: "not-found"},
		"unknown path":             {method: http.MethodGet, path: "/v1/nothing", status: 404, problem: "not-found", says: "/openapi.yaml"},
		"unknown function by name": {method: http.MethodGet, path: "/v1/functions/tribonacci", status: 404, problem: "not-found"},
		"wrong method":             {method: http.MethodPut, path: jobs, body: "{}", status: 405, problem: "method-not-allowed", says: "GET, HEAD, POST"},
		"negative page size":       {method: http.MethodGet, path: jobs + "?page_size=-1", status: 400, problem: "malformed", says: "whole number from 0 up"},
		"unknown state":            {method: http.MethodGet, path: jobs + "?state=sleeping", status: 400, problem: "malformed", says: "Give one of scheduled"},
		"unknown parameter":        {method: http.MethodGet, path: jobs + "?sort=up", status: 400, problem: "malformed", says: "There are page_size"},
		"no time":                  {method: http.MethodGet, path: jobs + "?created_after=now", status: 400, problem: "malformed", says: "Write it like 20"},
		"no page token":            {method: http.MethodGet, path: jobs + "?page_token=abc", status: 400, problem: "invalid-page-token"},
		"foreign host":             {method: http.MethodGet, path: jobs, headers: []string{"Host", "example.org"}, status: 421, problem: "misdirected-request", says: "127.0.0.1"},
		"foreign page": {
			method: http.MethodPost, path: jobs, body: `{"function":"fibonacci","args":{"n":1}}`,
			headers: []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://example.org"}, status: 403, problem: "forbidden",
		},
		"no JSON wanted": {method: http.MethodGet, path: jobs, headers: []string{"Accept", "image/png"}, status: 406, problem: "not-acceptable"},
	}
}

// submission is a body that can be read and is wrong.
func submission(body, says string, pointers ...string) badInput {
	return badInput{
		method: http.MethodPost, path: jobs, body: body,
		status: http.StatusUnprocessableEntity, problem: "invalid-arguments", pointers: pointers, says: says,
	}
}

// unreadable is a body that cannot be read.
func unreadable(body, says string) badInput {
	return badInput{
		method: http.MethodPost, path: jobs, body: body, headers: []string{"Content-Type", "application/json"},
		status: http.StatusBadRequest, problem: "malformed", says: says,
	}
}

// check makes the request and looks at the whole problem.
func (b badInput) check(t *testing.T, c *platformtest.Client) {
	t.Helper()
	r := request(t, c, b.method, b.path, b.body, b.headers...)
	var p api.Problem
	if err := r.Decode(&p); err != nil {
		t.Fatal(err)
	}
	if got, want := r.Header.Get("Content-Type"), api.ProblemType; got != want {
		t.Errorf("the content type is %q, want %q", got, want)
	}
	if r.Status != b.status || p.Status != b.status || p.Type != "/problems/"+b.problem {
		t.Errorf("got %s, want %d %s", r, b.status, b.problem)
	}
	if p.Title == "" || p.Detail == "" || p.RequestID == "" || p.RequestID != r.Header.Get("X-Request-Id") {
		t.Errorf("title, detail or request id is missing: %s", r)
	}
	details := []string{p.Detail}
	var pointers []string
	for _, e := range p.Errors {
		pointers = append(pointers, e.Pointer)
		details = append(details, e.Detail)
	}
	if !strings.Contains(strings.Join(details, " "), b.says) {
		t.Errorf("it does not say %q: %s", b.says, r)
	}
	if diff := cmp.Diff(pointers, b.pointers); diff != "" {
		t.Errorf("the wrong fields differ (-got +want):\n%s", diff)
	}
}

// A page token counts for the list that it came from, and for no other.
func TestPageTokenFromElsewhere(t *testing.T) {
	t.Parallel()
	_, c := platformtest.Up(t, platformtest.Folder(t))
	var ids []job.ID
	for _, n := range []string{"n=10", "n=11", "n=12"} {
		ids = append([]job.ID{submit(t, c, "fibonacci", n).ID}, ids...)
	}
	var got []job.ID
	token := ""
	for range ids {
		var page api.JobList
		r := request(t, c, http.MethodGet, jobs+"?function=fibonacci&page_size=1&page_token="+url.QueryEscape(token), "")
		if err := r.Decode(&page); err != nil || len(page.Jobs) != 1 {
			t.Fatalf("a page of one: %s (%v)", r, err)
		}
		got, token = append(got, page.Jobs[0].ID), page.NextPageToken
		if token != "" {
			badInput{
				method: http.MethodGet, path: jobs + "?function=factorial&page_token=" + url.QueryEscape(token),
				status: http.StatusBadRequest, problem: "invalid-page-token",
			}.check(t, c)
		}
	}
	if diff := cmp.Diff(got, ids); diff != "" || token != "" {
		t.Errorf("the pages end with token %q and differ (-got +want):\n%s", token, diff)
	}
}
