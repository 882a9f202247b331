package server_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"numbermill/api/internal/server"
	"numbermill/shared/job"
)

// stored submits fibonacci(n), publishes digits as its result and returns the result's path.
func (h *harness) stored(n int, digits string) string {
	h.t.Helper()
	id := h.submitted(n).ID
	h.finish(h.claimed(), digits)
	return "/v1/jobs/" + string(id) + "/result"
}

func TestResultIsTheDigits(t *testing.T) {
	t.Parallel()
	h := start(t)
	for name, digits := range map[string]string{"in the record": "354224848179261915075", "in the result store": manyDigits, "one digit": "0"} {
		path := h.stored(len(digits), digits)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			sha := resultOf(digits).SHA256
			sum, _ := hex.DecodeString(sha)
			want := map[string]string{
				"Content-Type": "text/plain; charset=us-ascii", "Content-Length": strconv.Itoa(len(digits)), "Accept-Ranges": "bytes",
				"Etag": `"` + sha + `"`, "Repr-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":",
				"Cache-Control":       "private, max-age=604800, immutable",
				"Content-Disposition": `attachment; filename="fibonacci-` + strconv.Itoa(len(digits)) + `.txt"`,
			}
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				r := h.want(h.do(method, path, "", nil), http.StatusOK)
				for name, value := range want {
					if got := r.Header.Get(name); got != value {
						t.Errorf("%s: %s is %q, want %q", method, name, got, value)
					}
				}
				if method == http.MethodGet && string(r.body) != digits || method == http.MethodHead && len(r.body) > 0 {
					t.Errorf("%s: the body is %.50q", method, r.body)
				}
			}
		})
	}
}

func TestResultRanges(t *testing.T) {
	t.Parallel()
	h := start(t)
	for name, digits := range map[string]string{"in the record": manyDigits[:1501], "in the result store": manyDigits} {
		path, size := h.stored(len(digits), digits), strconv.Itoa(len(digits))
		etag := h.get(path, nil).Header.Get("ETag")
		tests := map[string]struct {
			header header
			status int
			body   string
			sent   string // Content-Range
		}{
			"first":               {header{"Range": "bytes=0-999"}, 206, digits[:1000], "bytes 0-999/" + size},
			"last":                {header{"Range": "bytes=-1000"}, 206, digits[len(digits)-1000:], "bytes " + strconv.Itoa(len(digits)-1000) + "-" + strconv.Itoa(len(digits)-1) + "/" + size},
			"middle":              {header{"Range": "bytes=700-702"}, 206, digits[700:703], "bytes 700-702/" + size},
			"open":                {header{"Range": "bytes=1000-"}, 206, digits[1000:], "bytes 1000-" + strconv.Itoa(len(digits)-1) + "/" + size},
			"beyond the end":      {header{"Range": "bytes=1000-99999"}, 206, digits[1000:], "bytes 1000-" + strconv.Itoa(len(digits)-1) + "/" + size},
			"suffix of all":       {header{"Range": "bytes=-99999"}, 206, digits, "bytes 0-" + strconv.Itoa(len(digits)-1) + "/" + size},
			"upper-case unit":     {header{"Range": "BYTES=0-0"}, 206, digits[:1], "bytes 0-0/" + size},
			"other unit":          {header{"Range": "digits=0-9"}, 200, digits, ""},
			"far beyond the end":  {header{"Range": "bytes=1000-99999999999999999999"}, 206, digits[1000:], "bytes 1000-" + strconv.Itoa(len(digits)-1) + "/" + size},
			"far longer suffix":   {header{"Range": "bytes=-99999999999999999999"}, 206, digits, "bytes 0-" + strconv.Itoa(len(digits)-1) + "/" + size},
			"several":             {header{"Range": "bytes=0-1,5-6"}, 200, digits, ""},
			"If-Range holds":      {header{"Range": "bytes=0-1", "If-Range": etag}, 206, digits[:2], "bytes 0-1/" + size},
			"If-Range does not":   {header{"Range": "bytes=0-1", "If-Range": `"other"`}, 200, digits, ""},
			"If-Range is weak":    {header{"Range": "bytes=0-1", "If-Range": "W/" + etag}, 200, digits, ""},
			"known":               {header{"If-None-Match": etag}, 304, "", ""},
			"known, with a range": {header{"If-None-Match": etag, "Range": "bytes=0-1"}, 304, "", ""},
			"unknown":             {header{"If-None-Match": `"other"`}, 200, digits, ""},
			"range after the end": {header{"Range": "bytes=" + size + "-"}, 416, "", "bytes */" + size},
			"range far after":     {header{"Range": "bytes=99999999999999999999-"}, 416, "", "bytes */" + size},
			"range backwards":     {header{"Range": "bytes=9-5"}, 416, "", "bytes */" + size},
			"empty suffix":        {header{"Range": "bytes=-0"}, 416, "", "bytes */" + size},
			"no numbers":          {header{"Range": "bytes=a-b"}, 416, "", "bytes */" + size},
			"no range":            {header{"Range": "bytes="}, 200, digits, ""},
			"accepts text":        {header{"Accept": "text/*"}, 200, digits, ""},
			"accepts JSON only":   {header{"Accept": "application/json"}, 406, "", ""},
		}
		for what, tt := range tests {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				h := h.in(t)
				r := h.want(h.get(path, tt.header), tt.status)
				if got := r.Header.Get("Content-Range"); got != tt.sent {
					t.Errorf("Content-Range is %q, want %q", got, tt.sent)
				}
				if tt.status < http.StatusBadRequest && string(r.body) != tt.body {
					t.Errorf("the body is %.40q… (%d), want %.40q… (%d)", r.body, len(r.body), tt.body, len(tt.body))
				}
				if tt.status == http.StatusRequestedRangeNotSatisfiable {
					h.wantRefusal(r, refusal{tt.status, "range-not-satisfiable", nil, "bytes=0-999"})
					if r.Header.Get("ETag") != "" || r.Header.Get("Content-Disposition") != "" {
						t.Errorf("the refusal has the headers of the digits: %v", r.Header)
					}
				}
			})
		}
	}
}

func TestResultBeforeItIsThere(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := "/v1/jobs/" + string(h.submitted(10).ID) + "/result"
	h.wantRefusal(h.get(path, nil), refusal{http.StatusConflict, "result-not-ready", nil, "queued"})
	a := h.claimed()
	h.wantRefusal(h.get(path, nil), refusal{http.StatusConflict, "result-not-ready", nil, "running"})
	if r := h.want(h.do(http.MethodHead, path, "", nil), http.StatusConflict); len(r.body) > 0 {
		t.Errorf("HEAD has a body: %s", r.body)
	}
	h.finish(a, "55")
	h.want(h.get(path, nil), http.StatusOK)
}

func TestResultThatIsGone(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := h.stored(10, manyDigits)
	id := job.ID(strings.Split(path, "/")[3])
	rec, err := h.records.Get(t.Context(), job.LocalOwner, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.results.Delete(t.Context(), rec.Result.Blob); err != nil {
		t.Fatal(err)
	}
	gone := refusal{http.StatusGone, "result-expired", nil, "no longer kept"}
	h.wantRefusal(h.get(path, nil), gone)
	h.wantRefusal(h.get(path, header{"Range": "bytes=0-9"}), gone)
	if j := h.job(id); j.State != job.Succeeded || j.Result != nil {
		t.Errorf("the job is %s with the result %v, want succeeded without one", j.State, j.Result)
	}
	again := h.stored(10, manyDigits) // the advice helps
	h.want(h.get(again, nil), http.StatusOK)
}

func TestFileNamesStayShort(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) {
		o.Limits.CostMillis, o.Limits.Digits, o.Limits.PeakBytes = 1<<62, 1<<62, 1<<62
	})
	r := h.do(http.MethodPost, "/v1/jobs", `{"function":"ackermann","args":{"n":"1e500","m":2}}`, nil)
	location := h.want(r, http.StatusAccepted).Header.Get("Location")
	h.finish(h.claimed(), "2")
	got := h.want(h.get(location+"/result", nil), http.StatusOK).Header.Get("Content-Disposition")
	if want := `attachment; filename="ackermann-2-10000000...00000000.txt"`; got != want {
		t.Errorf("Content-Disposition is %s, want %s", got, want)
	}
}
