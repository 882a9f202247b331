package contracttest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// recorder keeps what a test would have failed with.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// TestWrongAnswersAreFound makes sure that the checks of other tests check.
func TestWrongAnswersAreFound(t *testing.T) {
	t.Parallel()
	problem := `{"type":"/problems/x","title":"x","status":404,"detail":"x","request_id":"x"}`
	tests := map[string]struct {
		path, contentType, body string
		status                  int
		want                    string // empty if nothing is wrong
	}{
		"right":                {"/healthz", "application/json", `{"status":"ok"}`, 200, ""},
		"right problem":        {"/v1/jobs/x", "application/problem+json", problem, 404, ""},
		"wrong value":          {"/healthz", "application/json", `{"status":"fine"}`, 200, "does not allow"},
		"missing member":       {"/healthz", "application/json", `{}`, 200, "does not allow"},
		"wrong type":           {"/v1/jobs", "application/json", `{"jobs":{},"next_page_token":""}`, 200, "does not allow"},
		"wrong media type":     {"/healthz", "text/plain", `ok`, 200, "does not allow"},
		"wrong status":         {"/v1/functions", "application/json", `{"functions":[]}`, 202, "does not allow"},
		"problem of no type":   {"/v1/jobs/x", "application/json", problem, 404, "Content-Type"},
		"problem without text": {"/v1/jobs/x", "application/problem+json", `{"type":"/problems/x","title":"x","status":404,"request_id":"x"}`, 404, "incomplete"},
		"other status inside":  {"/v1/jobs/x", "application/problem+json", strings.Replace(problem, "404", "400", 1), 404, "incomplete"},
		"internal error":       {"/v1/jobs/x", "application/problem+json", strings.Replace(problem, "404", "500", 1), 500, "500"},
		"bad request taken":    {"/v1/jobs?page_size=-1", "application/json", `{"jobs":[],"next_page_token":""}`, 200, "took what"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", "x")
				w.Header().Set("X-Trace-Id", "x")
				w.Header().Set("Content-Type", tt.contentType)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			t.Cleanup(s.Close)
			seen := &recorder{TB: t}
			res, err := Client(seen).Get(s.URL + tt.path)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			got := strings.Join(seen.errors, "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("reported %q, want %q", got, tt.want)
			}
		})
	}
}
