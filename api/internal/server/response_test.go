package server

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// timedWriter remembers the deadlines that are set on it.
type timedWriter struct {
	*httptest.ResponseRecorder
	read, write []time.Time
}

func (w *timedWriter) SetReadDeadline(t time.Time) error {
	w.read = append(w.read, t)
	return nil
}

func (w *timedWriter) SetWriteDeadline(t time.Time) error {
	w.write = append(w.write, t)
	return nil
}

// observed runs a handler under observe and returns the deadlines that were set.
func observed(handler http.HandlerFunc, body string) *timedWriter {
	s := New(Options{Logger: slog.New(slog.DiscardHandler), MaxBody: 1 << 10})
	w := &timedWriter{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequest(http.MethodPost, "/v1/jobs", strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	}
	r.Header.Set("Content-Type", "application/json")
	s.observe(handler).ServeHTTP(w, r)
	return w
}

func TestWriteDeadlineMovesWithTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		w := observed(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Minute) // a long poll, in the test's own time
			for range 4 {
				_, _ = w.Write([]byte("1"))
				time.Sleep(3 * time.Second)
			}
		}, "")
		var got []time.Duration
		for _, d := range w.write {
			got = append(got, d.Sub(start))
		}
		want := []time.Duration{90 * time.Second, 96 * time.Second}
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("write deadlines at %v, want %v", got, want)
		}
		if len(w.read) != 0 {
			t.Errorf("read deadlines without a body: %v", w.read)
		}
	})
}

func TestBodyHasADeadlineUntilItIsRead(t *testing.T) {
	t.Parallel()
	s := New(Options{MaxBody: 1 << 10})
	unread := observed(func(http.ResponseWriter, *http.Request) {}, "{}")
	if len(unread.read) != 1 || unread.read[0].IsZero() {
		t.Errorf("a body that nobody reads has the deadlines %v, want one", unread.read)
	}
	read := observed(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.readObject(w, r); err != nil {
			t.Errorf("read the body: %v", err)
		}
	}, "{}")
	if len(read.read) != 2 || read.read[0].IsZero() || !read.read[1].IsZero() {
		t.Errorf("a body that is read has the deadlines %v, want one and then none", read.read)
	}
}
