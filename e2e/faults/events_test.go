package faults_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// People who follow their jobs by events lose nothing when the API is killed again and again: they reconnect with the last id, get a
// snapshot, and in the end exactly one "done". Ids only rise, a percentage never falls within an attempt. After "done" there is 204.
func TestEvents(t *testing.T) {
	begin(t)
	random := chance(t)
	p := open(t)
	p.hire(t)
	people := sized(60, 8)
	f := &followers{t: t, hc: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: people}}}
	f.url.Store(&p.c.URL)
	t.Cleanup(f.hc.CloseIdleConnections)
	ended := make(chan error, people)
	for i := range people {
		d := must(t, p.c, want("factorial/recursive", fmt.Sprintf("n=%d", 20_000+random.IntN(25_000))))
		go func() {
			err := f.follow(within(t, 3*time.Minute), d.ID)
			if err != nil {
				err = fmt.Errorf("follower %d, of %s: %w", i, d.ID, err)
			}
			ended <- err
		}()
	}
	kills := sized(10, 2)
	for range kills {
		moment(t, random, 3*time.Second)
		p.api.Kill(t)
		p.api, p.c = platformtest.API(t, p.redis.URL(), p.results)
		f.url.Store(&p.c.URL)
	}
	for range people {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	note(t, "followers", "%d, each with one done, over %d kills of the API: %d connections, %d events", people, kills, f.connections.Load(), f.events.Load())
}

// followers are people with an EventSource each.
type followers struct {
	t           *testing.T
	hc          *http.Client
	url         atomic.Pointer[string]
	connections atomic.Int64
	events      atomic.Int64
}

// event is one of a stream.
type event struct{ id, name, data string }

// view is what a follower knows.
type view struct {
	last    int64 // id of the last durable event
	attempt int64
	percent float64
	done    bool
}

// follow listens, and reconnects, until the job has ended; then it looks at what is left to hear.
func (f *followers) follow(ctx context.Context, id string) error {
	v := &view{}
	again := newPace(50 * time.Millisecond)
	defer again.stop()
	for !v.done {
		err := f.listen(ctx, id, v)
		if gone := (&broken{}); err != nil && !errors.As(err, &gone) {
			return err
		}
		if err := again.wait(ctx); err != nil {
			return fmt.Errorf("it has heard no end, the last id was %d: %w", v.last, err)
		}
	}
	for _, after := range []int64{v.last, v.last + 5} {
		if status, _, err := f.connect(ctx, id, strconv.FormatInt(after, 10)); err != nil || status != http.StatusNoContent {
			return fmt.Errorf("with Last-Event-ID %d after done at %d: %d, %w; want 204", after, v.last, status, errors.Join(errEnd, err))
		}
	}
	status, body, err := f.connect(ctx, id, strconv.FormatInt(v.last-1, 10))
	if err != nil || status != http.StatusOK || strings.Count(string(body), "event: done") != 1 {
		return fmt.Errorf("with an older Last-Event-ID: %d %q, %w; want 200 with one done", status, body, errors.Join(errEnd, err))
	}
	return nil
}

var errEnd = errors.New("a job that has ended")

// broken is a connection that the other side has ended.
type broken struct{ error }

func (f *followers) request(ctx context.Context, id, last string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, *f.url.Load()+"/v1/jobs/"+id+"/events", http.NoBody)
	if err != nil {
		return nil, err
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := f.hc.Do(req)
	if err != nil {
		return nil, &broken{err}
	}
	return res, nil
}

// connect reads an answer whole, of a job that has ended.
func (f *followers) connect(ctx context.Context, id, last string) (status int, body []byte, err error) {
	for {
		res, err := f.request(ctx, id, last)
		if gone := (&broken{}); errors.As(err, &gone) && ctx.Err() == nil {
			continue // the API is being killed
		} else if err != nil {
			return 0, nil, err
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err == nil {
			return res.StatusCode, body, nil
		}
	}
}

// listen is one connection.
func (f *followers) listen(ctx context.Context, id string, v *view) error {
	last := ""
	if v.last > 0 {
		last = strconv.FormatInt(v.last, 10)
	}
	res, err := f.request(ctx, id, last)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == http.StatusServiceUnavailable {
		return &broken{errors.New(res.Status)}
	}
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		return fmt.Errorf("events are answered %s, %s", res.Status, kind)
	}
	f.connections.Add(1)
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	var e event
	for first := true; lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data += value
		case "":
			if lines.Text() != "" || e == (event{}) || e.data == "" {
				continue // a comment, or the end of what was no event
			}
			if err := v.take(e, first); err != nil {
				return fmt.Errorf("event %+v: %w", e, err)
			}
			f.events.Add(1)
			first, e = false, event{}
		}
	}
	if v.done {
		return nil
	}
	return &broken{lines.Err()}
}

// take hears one event.
func (v *view) take(e event, first bool) error {
	if first && e.name != "state" && e.name != "done" {
		return errors.New("a stream begins with something else than a snapshot")
	}
	if v.done {
		return errors.New("something comes after done")
	}
	var d struct {
		document

		Progress *struct {
			Percent *float64 `json:"percent"`
		} `json:"progress"`
	}
	if err := json.Unmarshal([]byte(e.data), &d); err != nil {
		return err
	}
	if (first || e.name == "done") && e.id == "" {
		return errors.New("it has no id, as a snapshot and the end have")
	}
	if e.id != "" {
		id, err := strconv.ParseInt(e.id, 10, 64)
		if err != nil || id < v.last {
			return fmt.Errorf("the id comes after %d", v.last)
		}
		v.last = id
	}
	if e.name == "state" || e.name == "done" {
		v.done = e.name == "done"
		if terminal[d.State] != v.done {
			return errors.New("the end of a job is told by done alone, and by nothing else")
		}
	}
	if e.name == "progress" && d.Progress != nil && d.Progress.Percent != nil {
		if *d.Progress.Percent < v.percent && d.Attempt == v.attempt {
			return fmt.Errorf("the percentage was %v in this attempt", v.percent)
		}
		v.attempt, v.percent = d.Attempt, *d.Progress.Percent
	}
	return nil
}
