package server

import (
	"net/http"
	"time"
)

const (
	// defaultBodyTimeout is how long a client may take to send a body.
	defaultBodyTimeout = 15 * time.Second
	// writeTimeout is how long a client may take to read what was sent before more is sent. It is counted anew with every piece, so
	// that neither a long poll nor a long download has an end of its own.
	writeTimeout = 30 * time.Second
	// writeGrace is how much of it may be used up before it is counted anew.
	writeGrace = 5 * time.Second
)

// response counts what is answered, and breaks off when the client stops reading.
type response struct {
	http.ResponseWriter
	control *http.ResponseController
	// bodyTimeout is how long a client may take to send a body, whether anybody reads it or not.
	bodyTimeout time.Duration
	// begins is called once, before the headers are sent.
	begins func()
	begun  bool
	// status is 0 until something was answered.
	status  int
	bytes   int64
	counted time.Time
}

// awaitBody gives the client its time to send a body, if it has announced one.
func (w *response) awaitBody(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	// A writer without deadlines, as in a test, goes without.
	_ = w.control.SetReadDeadline(time.Now().Add(w.bodyTimeout))
}

// Unwrap is for http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader answers with a status.
func (w *response) WriteHeader(status int) {
	w.begin()
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.extendDeadline()
	w.ResponseWriter.WriteHeader(status)
}

// Write answers with the next bytes.
func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.begin()
		w.status = http.StatusOK
	}
	w.extendDeadline()
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// begin lets the last headers be set.
func (w *response) begin() {
	if !w.begun && w.begins != nil {
		w.begun = true
		w.begins()
	}
}

func (w *response) extendDeadline() {
	now := time.Now()
	if now.Sub(w.counted) < writeGrace {
		return
	}
	w.counted = now
	// A writer without deadlines, as in a test, goes without.
	_ = w.control.SetWriteDeadline(now.Add(writeTimeout))
}
