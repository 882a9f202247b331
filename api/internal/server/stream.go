package server

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

const (
	// heartbeatEvery is how often a stream says that it lives, so that nothing on the way takes it for dead.
	heartbeatEvery = 15 * time.Second
	// reconnectAfter is how long a client is told to wait before it connects again.
	reconnectAfter = 2 * time.Second
	// mostStreams is how many streams of events there may be at a time in a process.
	mostStreams = 1000
)

// eventWriter writes Server-Sent Events; what goes wrong first is kept as err, after which nothing is written any more.
type eventWriter struct {
	w   http.ResponseWriter
	err error
}

// openEvents begins the stream.
func openEvents(w http.ResponseWriter) *eventWriter {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	return &eventWriter{w: w}
}

// event sends one event; an empty id is left out.
func (e *eventWriter) event(name, id string, document any) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: %s\n", name)
	if id != "" {
		fmt.Fprintf(&b, "id: %s\n", id)
	}
	b.WriteString("data: ")
	if err := encoded(document, func(line []byte) { b.Write(line) }); err != nil && e.err == nil {
		e.err = fmt.Errorf("encode event: %w", err)
	}
	b.WriteByte('\n')
	e.send(b.Bytes())
}

// retry tells how long to wait before connecting again.
func (e *eventWriter) retry(after time.Duration) {
	e.send(fmt.Appendf(nil, "retry: %d\n\n", after.Milliseconds()))
}

// heartbeat is a comment.
func (e *eventWriter) heartbeat() { e.send([]byte(": still here\n\n")) }

func (e *eventWriter) send(b []byte) {
	if e.err != nil {
		return
	}
	if _, e.err = e.w.Write(b); e.err == nil {
		e.err = http.NewResponseController(e.w).Flush()
	}
}
