package benchmark

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestConn(t *testing.T) {
	t.Parallel()
	connections := make(map[string]bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		switch r.URL.Path {
		case "/long": // comes in chunks
			io.WriteString(w, strings.Repeat("0123456789", 1000))
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			io.WriteString(w, "end")
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusAccepted)
			fmt.Fprintf(w, "%s %s %s %q %s", r.Method, r.Host, r.Header.Get("Prefer"), body, r.Header.Get("Content-Type"))
		}
	}))
	t.Cleanup(server.Close)
	c, err := DialHTTP(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	for _, tt := range []struct {
		method, path, header, body string
		status                     int
		want                       string
	}{
		{"POST", "/a", "Prefer: wait=3\r\n", "{}", 202, `POST ` + host + ` wait=3 "{}" application/json`},
		{"GET", "/long", "", "", 200, strings.Repeat("0123456789", 1000) + "end"},
		{"GET", "/none", "", "", 204, ""},
		{"GET", "/b", "", "", 202, "GET " + host + `  "" `},
	} {
		var body []byte
		if tt.body != "" {
			body = []byte(tt.body)
		}
		status, answer, err := c.Do(tt.method, tt.path, tt.header, body)
		if err != nil || status != tt.status || string(answer) != tt.want {
			t.Errorf("%s %s: got %d %q (%v), want %d %q", tt.method, tt.path, status, answer, err, tt.status, tt.want)
		}
	}
	if len(connections) != 1 {
		t.Errorf("%d connections were made, want one", len(connections))
	}
}

func TestConnTellsOfNonsense(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		"", "HTTP", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(conn, answer)
			conn.Close()
		}))
		c, err := DialHTTP(t.Context(), server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if status, body, err := c.Do("GET", "/", "", nil); err == nil {
			t.Errorf("%q: got %d %q, want an error", answer, status, body)
		}
		c.Close()
		server.Close()
	}
}
