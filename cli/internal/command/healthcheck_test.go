package command

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Only a 200 is health: not another status, not where one is sent to, and not silence.
func TestHealthcheck(t *testing.T) {
	t.Parallel()
	silence := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/well", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/ill", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	mux.HandleFunc("/made", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	mux.Handle("/elsewhere", http.RedirectHandler("/well", http.StatusFound))
	mux.HandleFunc("/silent", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-silence:
		case <-r.Context().Done():
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(silence) })
	tests := map[string]struct {
		code int
		said string
	}{
		"/well":      {0, ""},
		"/ill":       {1, "answers 503 Service Unavailable, not 200"},
		"/made":      {1, "answers 201 Created, not 200"},
		"/elsewhere": {1, "answers 302 Found, not 200"},
		"/silent":    {1, "has not answered within 3s"},
	}
	for path, tt := range tests {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			var out, told bytes.Buffer
			code := Main(t.Context(), []string{"healthcheck", server.URL + path}, Streams{&out, &told})
			if code != tt.code {
				t.Errorf("it exits with %d, want %d", code, tt.code)
			}
			if got := told.String(); !strings.Contains(got, tt.said) || strings.Count(got, "\n") != tt.code {
				t.Errorf("it says %q, want %d lines with %q", got, tt.code, tt.said)
			}
			if out.Len() > 0 {
				t.Errorf("it prints %q, want nothing", out.String())
			}
		})
	}
}
