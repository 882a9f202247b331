package frontend

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const app = "<!doctype html><title>app</title>"

// built is a small app: a page, a script with a hash in its name and a compressed twin, and a file without either.
func built(t *testing.T) fstest.MapFS {
	t.Helper()
	return fstest.MapFS{
		".gitignore":           {Data: []byte("*")},
		"index.html":           {Data: []byte(app)},
		"index.html.gz":        {Data: compressed(t, app)},
		"assets/index-abc.js":  {Data: []byte("run()")},
		"assets/index-abc.css": {Data: []byte("a{}")},
		"favicon.svg":          {Data: []byte("<svg/>")},
	}
}

func compressed(t *testing.T, text string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	w := gzip.NewWriter(&buffer)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func get(t *testing.T, s http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// answer is what a test compares of a response.
type answer struct {
	Status            int
	Type, Cache, Body string
}

func answerOf(w *httptest.ResponseRecorder) answer {
	return answer{w.Code, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"), w.Body.String()}
}

func TestPathsAndWhatTheyServe(t *testing.T) {
	t.Parallel()
	s := newSite(built(t))
	page := answer{200, "text/html; charset=utf-8", "no-cache", app}
	unknown := answer{404, "text/html; charset=utf-8", "no-cache", app}
	for path, want := range map[string]answer{
		"/":                     page,
		"/?function=factorial":  page,
		"/tasks/fibonacci":      page,
		"/tasks/fibonacci?n=1":  page,
		"/tasks/any-new":        page,
		"/jobs":                 page,
		"/jobs?state=active":    page,
		"/jobs/job_0193":        page,
		"/jobs/job_0193/":       page,
		"/batches/batch_0193":   page,
		"/sweep":                page,
		"/sweep?function=x":     page,
		"/sweeps":               unknown,
		"/tasks":                unknown,
		"/jobs/a/b":             unknown,
		"/index.html":           unknown,
		"/index.html.gz":        unknown,
		"/.gitignore":           unknown,
		"/..%2fplaceholder":     unknown,
		"/assets/index-abc.js":  {200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "run()"},
		"/assets/index-abc.css": {200, "text/css; charset=utf-8", "public, max-age=31536000, immutable", "a{}"},
		"/favicon.svg":          {200, "image/svg+xml", "no-cache", "<svg/>"},
		"/assets/gone.js":       {404, "text/plain; charset=utf-8", "", "There is no such file.\n"},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(answerOf(get(t, s, "GET", path, "Accept", "application/json")), want); diff != "" {
				t.Errorf("GET %s (-got +want):\n%s", path, diff)
			}
		})
	}
}

func TestOnlyKnownTasksHavePages(t *testing.T) {
	t.Parallel()
	s := HandlerFor([]string{"fibonacci"})
	for path, want := range map[string]int{
		"/tasks/fibonacci": 200, "/tasks/fibonacci/": 200, "/tasks/nope": 404, "/tasks/": 404, "/jobs": 200, "/": 200, "/jobs/tasks": 200,
	} {
		r := get(t, s, "GET", path)
		if r.Code != want || r.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("GET %s: got %d %s, want %d and the app", path, r.Code, r.Header().Get("Content-Type"), want)
		}
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(built(t))
	for _, path := range []string{"/", "/nowhere", "/assets/index-abc.js", "/assets/gone.js"} {
		header := get(t, s, "GET", path).Header()
		policy := header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("GET %s: policy %q lacks %q", path, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("GET %s: policy %q allows something unsafe", path, policy)
		}
		if got := header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("GET %s: X-Content-Type-Options = %q, want nosniff", path, got)
		}
		if got := header.Get("Referrer-Policy"); got != "same-origin" {
			t.Errorf("GET %s: Referrer-Policy = %q, want same-origin", path, got)
		}
	}
}

func TestOnlyGetAndHeadAreAllowed(t *testing.T) {
	t.Parallel()
	s := newSite(built(t))
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		r := get(t, s, method, "/")
		if r.Code != http.StatusMethodNotAllowed || r.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s /: got %d with Allow %q, want 405 with GET, HEAD", method, r.Code, r.Header().Get("Allow"))
		}
	}
	r := get(t, s, "HEAD", "/")
	if body := r.Body.String(); r.Code != http.StatusOK || body != "" || r.Header().Get("Content-Length") != strconv.Itoa(len(app)) {
		t.Errorf("HEAD /: got %d, %d bytes of %s, want 200, 0 of %d", r.Code, len(body), r.Header().Get("Content-Length"), len(app))
	}
}

func TestGzipIsServedToThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	s := newSite(built(t))
	for header, want := range map[string]string{
		"gzip": "gzip", "br, GZIP;q=0.5": "gzip", "gzip;q=0": "", "br": "", "": "", "x-gzip": "",
	} {
		r := get(t, s, "GET", "/", "Accept-Encoding", header)
		if got := r.Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got Content-Encoding %q, want %q", header, got, want)
		}
		if got := r.Header().Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: got Vary %q, want Accept-Encoding", header, got)
		}
		body := io.Reader(r.Body)
		if want == "gzip" {
			unpacked, err := gzip.NewReader(body)
			if err != nil {
				t.Fatal(err)
			}
			body = unpacked
		}
		if got, err := io.ReadAll(body); err != nil || string(got) != app {
			t.Errorf("Accept-Encoding %q: got %q, %v, want %q", header, got, err, app)
		}
	}
	if got := get(t, s, "GET", "/favicon.svg", "Accept-Encoding", "gzip").Header().Get("Content-Encoding"); got != "" {
		t.Errorf("a file without a compressed twin: got Content-Encoding %q, want none", got)
	}
}

func TestWhatTheClientHasIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newSite(built(t))
	plain := get(t, s, "GET", "/").Header().Get("ETag")
	packed := get(t, s, "GET", "/", "Accept-Encoding", "gzip").Header().Get("ETag")
	if plain == packed {
		t.Errorf("both encodings have the ETag %s", plain)
	}
	for condition, want := range map[string]int{plain: 304, `"other", W/` + plain: 304, "*": 304, packed: 200, `"other"`: 200} {
		if got := get(t, s, "GET", "/", "If-None-Match", condition).Code; got != want {
			t.Errorf("If-None-Match %s: got %d, want %d", condition, got, want)
		}
	}
	if got := get(t, s, "GET", "/nowhere", "If-None-Match", plain).Code; got != 404 {
		t.Errorf("a page that is not there with If-None-Match: got %d, want 404", got)
	}
}

func TestATreeThatWasNeverBuiltSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(fstest.MapFS{".gitignore": {Data: []byte("*")}})
	r := get(t, s, "GET", "/jobs")
	if body := r.Body.String(); r.Code != http.StatusOK || !strings.Contains(body, "make build") {
		t.Errorf("GET /jobs: got %d and %q, want 200 and a word on make build", r.Code, body)
	}
}

func TestTheEmbeddedAppServesAPage(t *testing.T) {
	t.Parallel()
	r := get(t, Handler(), "GET", "/")
	if r.Code != http.StatusOK || !strings.Contains(r.Body.String(), "Numbermill") {
		t.Errorf("GET /: got %d and a page that does not name Numbermill", r.Code)
	}
}
