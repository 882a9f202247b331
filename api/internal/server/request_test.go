package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRangesOfBytes(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"bytes=0-1": "bytes=0-1", "Bytes = 0-1": "bytes=0-1", "bytes=-5": "bytes=-5", "bytes=-0": "bytes=100-", "bytes=-": "bytes=-",
		"bytes=0-1,3-4": "", "lines=0-1": "", "nonsense": "",
	} {
		h := http.Header{"Range": {given}}
		simplifyRange(h, 100)
		if got := h.Get("Range"); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

func TestPageSizes(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]int{"": 50, "0": 50, "1": 1, "1000": 1000, "1001": 1000, "99999999999999999999": 1000, "+5": 5, "-1": -1, "-99999999999999999999": -1, "x": -1, "1e3": -1} {
		got, err := readPageSize(given)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("page_size %q is %d (%v), want %d", given, got, err, want)
		}
	}
}

func TestSubmissionKeepsWhatWasSent(t *testing.T) {
	t.Parallel()
	s := New(Options{MaxBody: 64 << 10})
	body := `{"function":"ackermann","args":{"m":2.0,"n":"10^3"},"method":"fast","labels":{"a.b-c_d":"ü"},"max_attempts":1e0}`
	c, err := s.readSubmission(httptest.NewRecorder(), request(body))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"m": "2", "n": "1000"}, c.args.Canonical()); diff != "" {
		t.Errorf("args (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"a.b-c_d": "ü"}, c.labels); diff != "" || c.maxAttempts != 1 || c.method != "fast" {
		t.Errorf("method %s, max_attempts %d, labels (-want +got):\n%s", c.method, c.maxAttempts, diff)
	}
}

func request(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/jobs", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// FuzzSubmission holds that every body is either taken with checked arguments or refused with a 400, 413 or 422 that names something.
func FuzzSubmission(f *testing.F) {
	for _, seed := range []string{
		`{"function":"fibonacci","args":{"n":"1e6"}}`, `{"function":"ackermann","args":{"m":4,"n":2},"method":"fast","labels":{"a":"b"},"max_attempts":3}`,
		`{"function":"fibonacci","args":{"n":1,"n":2}}`, `{"function":"fibonacci","args":{"n":1e-5}}`, `{"a/b~c":[[[{}]]]}`, `[]`, `null`, ``, `{`, "\xff", `{"function":"\ud800"}`,
		`{"function":"fibonacci","args":{"n":1.50e1}} x`, `{"labels":{"":"","a":null}}`,
	} {
		f.Add(seed)
	}
	s := New(Options{MaxBody: 4 << 10})
	f.Fuzz(func(t *testing.T, body string) {
		c, err := s.readSubmission(httptest.NewRecorder(), request(body))
		if err == nil {
			if again, err := c.function.ParseText(c.args.Canonical()); err != nil || !again.Equal(c.args) {
				t.Errorf("%q is taken with arguments %v, which read back as %v, %v", body, c.args, again, err)
			}
			return
		}
		e := asRefusal(err)
		if e.kind != malformed && e.kind != tooLarge && e.kind != invalidArguments || e.detail == "" {
			t.Errorf("%q is refused with %d: %s", body, e.kind.status, e.detail)
		}
		if e.kind == invalidArguments && (len(e.fields) == 0 || len(e.fields) > mostFieldErrors) {
			t.Errorf("%q is refused with %d fields", body, len(e.fields))
		}
	})
}

func TestErrorsHaveProblems(t *testing.T) {
	t.Parallel()
	if k := asRefusal(errors.New("a bug")).kind; k != internal {
		t.Errorf("an unknown error is %s", k.name)
	}
	if e := asRefusal(errors.New("password hunter2")); strings.Contains(e.detail, "hunter2") {
		t.Errorf("an internal error is told: %s", e.detail)
	}
}
