package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"numbermill/api"
	"numbermill/shared/job"
)

const (
	// longestLine bounds one line of a stream of events, in bytes.
	longestLine = 1 << 20
	// defaultReconnect is how long Follow waits before it connects again, unless the server says otherwise.
	defaultReconnect = 2 * time.Second
)

// Event is one change of a job. Of Job, Progress and Log the one that its type carries is set.
type Event struct {
	// Type is api.EventState, EventProgress, EventLog or EventDone.
	Type string
	// ID is the job's version, on events of state and done alone.
	ID       string
	Job      *api.Job
	Progress *api.ProgressEvent
	Log      *api.LogLine
}

// EventStream is what happens to one job, as it happens. It is for one goroutine.
type EventStream struct {
	body  io.ReadCloser
	lines *bufio.Scanner
	// retry is how long the server wants a client to wait before it connects again.
	retry time.Duration
}

// Events opens the events of a job; the first is a snapshot. lastID is the ID of the last event that the caller has, or empty. The caller
// closes the stream, and nothing else ends it before the job's end but the context and a lost connection.
func (c *Client) Events(ctx context.Context, id job.ID, lastID string) (*EventStream, error) {
	h := http.Header{"Accept": {api.EventsType}}
	if lastID != "" {
		h.Set("Last-Event-ID", lastID)
	}
	res, err := c.send(ctx, request{method: http.MethodGet, path: jobPath(id) + "/events", header: h}) //nolint:bodyclose // the caller closes the stream
	if err != nil {
		return nil, err
	}
	s := &EventStream{body: res.Body, lines: bufio.NewScanner(res.Body), retry: defaultReconnect}
	s.lines.Buffer(nil, longestLine)
	return s, nil
}

// Close ends the stream.
func (s *EventStream) Close() error { return s.body.Close() }

// Next waits for the next event. It fails with io.EOF at the end of the stream, which comes after an event of the type api.EventDone, and
// also when a server that shuts down ends it.
func (s *EventStream) Next() (Event, error) {
	var e Event
	var data bytes.Buffer
	for s.lines.Scan() {
		field, value, _ := bytes.Cut(s.lines.Bytes(), []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			e.Type = string(value)
		case "id":
			e.ID = string(value)
		case "data":
			data.Write(value)
		case "retry":
			if ms, err := strconv.Atoi(string(value)); err == nil && ms >= 0 {
				s.retry = time.Duration(ms) * time.Millisecond
			}
		}
		if len(s.lines.Bytes()) == 0 && data.Len() > 0 {
			return e, e.decode(data.Bytes())
		}
	}
	if err := s.lines.Err(); err != nil {
		return Event{}, fmt.Errorf("read events: %w", err)
	}
	return Event{}, io.EOF
}

func (e *Event) decode(data []byte) error {
	var to any
	switch e.Type {
	case api.EventState, api.EventDone:
		e.Job = new(api.Job)
		to = e.Job
	case api.EventProgress:
		e.Progress = new(api.ProgressEvent)
		to = e.Progress
	case api.EventLog:
		e.Log = new(api.LogLine)
		to = e.Log
	default:
		return nil // of a later version
	}
	if err := json.Unmarshal(data, to); err != nil {
		return fmt.Errorf("read event %q: %w", e.Type, err)
	}
	return nil
}

// Follow tells each event of a job until it has ended, and returns the job as it ended. It connects again when the connection is lost,
// after which it tells the job's state anew. An error of tell ends it, and so does a refusal that asking again does not mend.
func (c *Client) Follow(ctx context.Context, id job.ID, tell func(Event) error) (api.Job, error) {
	for {
		done, pause, err := c.followOnce(ctx, id, tell)
		if done != nil || err != nil {
			return finished(done), err
		}
		if err := sleep(ctx, pause); err != nil {
			return api.Job{}, err
		}
	}
}

func finished(j *api.Job) api.Job {
	if j == nil {
		return api.Job{}
	}
	return *j
}

// followOnce follows one connection. Without an end and an error it is worth connecting again after the pause.
func (c *Client) followOnce(ctx context.Context, id job.ID, tell func(Event) error) (done *api.Job, pause time.Duration, err error) {
	stream, err := c.Events(ctx, id, "")
	if err != nil {
		p, ok := errors.AsType[*Problem](err)
		if ctx.Err() != nil || (ok && p.Status < http.StatusInternalServerError && p.Status != http.StatusTooManyRequests) {
			return nil, 0, err
		}
		if ok {
			return nil, max(p.RetryAfter, time.Second), nil
		}
		return nil, defaultReconnect, nil
	}
	defer func() { _ = stream.Close() }() // it was only read
	for {
		e, err := stream.Next()
		if err != nil && e.Type != "" {
			return nil, 0, err // asking again would bring the same
		}
		if err != nil {
			return nil, stream.retry, ctx.Err()
		}
		if err := tell(e); err != nil {
			return nil, 0, err
		}
		if e.Type == api.EventDone {
			return e.Job, 0, nil
		}
	}
}
