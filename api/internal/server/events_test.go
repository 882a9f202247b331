package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/api/client"
	"numbermill/api/internal/server"
	"numbermill/shared/job"
	"numbermill/shared/store"
)

// stream is a client's end of a stream of events.
type stream struct {
	t *testing.T
	*client.EventStream
}

// follow opens the events of a job, on a connection of its own: the contract's client would wait for the end.
func (h *harness) follow(id job.ID, lastID string) stream {
	h.t.Helper()
	transport := &http.Transport{}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	c, err := client.New(h.url, &http.Client{Transport: transport})
	if err != nil {
		h.t.Fatal(err)
	}
	s, err := c.Events(ctx, id, lastID)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		_ = s.Close()
		cancel()
		transport.CloseIdleConnections()
	})
	return stream{h.t, s}
}

// next is the next event, which has to be of this type.
func (s stream) next(want string) client.Event {
	s.t.Helper()
	e, err := s.Next()
	if err != nil {
		s.t.Fatalf("waiting for %s: %v", want, err)
	}
	if e.Type != want {
		s.t.Fatalf("got an event %q, want %q: %+v", e.Type, want, e)
	}
	return e
}

func (s stream) wantEnd() {
	s.t.Helper()
	if e, err := s.Next(); !errors.Is(err, io.EOF) {
		s.t.Errorf("got %+v, %v, want the end", e, err)
	}
}

func (h *harness) report(a store.Attempt, percent float64) {
	h.t.Helper()
	p := job.Progress{Phase: job.PhaseCompute, PhaseIndex: 1, PhaseCount: 3, Percent: percent, Detail: "Doubling 9 of 18", UpdatedAt: time.Now()}
	if held, err := h.records.Report(h.t.Context(), a, p); err != nil || !held {
		h.t.Fatalf("report: %v, %v", held, err)
	}
}

func (h *harness) write(r store.Run, message string) {
	h.t.Helper()
	line := job.LogLine{Time: time.Now(), Level: "info", Message: message, Attempt: 1, Worker: "worker-1"}
	if err := h.records.AppendLog(h.t.Context(), r, []job.LogLine{line}); err != nil {
		h.t.Fatal(err)
	}
}

func TestEventsTellAJobsLife(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(100_000).ID
	s := h.follow(id, "")
	snapshot := s.next(api.EventState)
	if snapshot.ID != "1" || snapshot.Job.State != job.Queued || snapshot.Job.ID != id {
		t.Errorf("the snapshot is %+v", snapshot)
	}
	a := h.claimed()
	if running := s.next(api.EventState); running.ID != running.Job.Version || running.ID <= snapshot.ID || running.Job.State != job.Running || running.Job.Attempt != 1 {
		t.Errorf("after the claim came %+v", running)
	}
	h.report(a, 41.5)
	if e := s.next(api.EventProgress); e.ID != "" || *e.Progress.Progress.Percent != 41.5 || e.Progress.Attempt != 1 || e.Progress.Version != "2" {
		t.Errorf("the progress is %+v", e)
	}
	h.write(a.Run, "a third is done")
	if e := s.next(api.EventLog); e.ID != "" || e.Log.Message != "a third is done" || e.Log.Attributes == nil {
		t.Errorf("the line is %+v", e.Log)
	}
	// Somebody who comes now gets what there is: the state with its progress, and the log from its beginning.
	late := h.follow(id, "1")
	if e := late.next(api.EventState); e.ID != "2" || e.Job.Progress == nil || *e.Job.Progress.Percent != 41.5 {
		t.Errorf("the late snapshot is %+v", e.Job)
	}
	late.next(api.EventLog)
	h.finish(a, "55")
	for _, s := range []stream{s, late} {
		done := s.next(api.EventDone)
		if done.ID != "3" || done.Job.State != job.Succeeded || done.Job.Result == nil {
			t.Errorf("the end is %+v", done)
		}
		s.wantEnd()
	}
}

func TestEventsOfEveryEnd(t *testing.T) {
	t.Parallel()
	h := start(t)
	for name, end := range map[string]func(*harness, job.ID, store.Run){
		"failed": func(h *harness, _ job.ID, r store.Run) {
			a, ok, err := h.records.Claim(h.t.Context(), r, "worker-1", false)
			if err != nil || !ok {
				h.t.Fatalf("claim: %v, %v", ok, err)
			}
			if _, _, err := h.records.Fail(h.t.Context(), a, job.Failure{Code: "x", Detail: "It broke."}, true); err != nil {
				h.t.Fatal(err)
			}
		},
		"cancelled": func(h *harness, id job.ID, _ store.Run) {
			h.want(h.do(http.MethodPost, "/v1/jobs/"+string(id)+"/cancel", "", nil), http.StatusOK)
		},
		"expired": func(h *harness, id job.ID, _ store.Run) {
			if _, err := h.records.Expire(h.t.Context(), job.LocalOwner, id); err != nil {
				h.t.Fatal(err)
			}
		},
	} {
		id := h.submitted(1000 + len(name)).ID
		run := h.queued()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			s := h.follow(id, "")
			s.next(api.EventState)
			end(h, id, run)
			for {
				e, err := s.Next()
				if err != nil {
					t.Fatal(err)
				}
				if e.Type == api.EventDone {
					if string(e.Job.State) != name || e.ID != e.Job.Version {
						t.Errorf("the end is %+v", e.Job)
					}
					break
				}
			}
			s.wantEnd()
		})
	}
}

func TestEventsOfAnEndedJob(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(10).ID
	a := h.claimed()
	h.write(a.Run, "there is a log, which has an address of its own")
	h.finish(a, "55")
	path := "/v1/jobs/" + string(id) + "/events"
	r := h.want(h.get(path, nil), http.StatusOK)
	text := string(r.body)
	if !strings.HasPrefix(text, "retry: 2000\n\nevent: done\nid: 3\ndata: {") || !strings.HasSuffix(text, "}\n\n") || strings.Count(text, "event:") != 1 {
		t.Errorf("the stream is %q", text)
	}
	for name, want := range map[string]string{"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no", "Cache-Control": "no-store"} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, tt := range []struct {
		query, header string
		want          int
	}{
		{"", "3", http.StatusNoContent},
		{"", "4", http.StatusNoContent},
		{"", "9999999999999999999", http.StatusNoContent},
		{"", "2", http.StatusOK},
		{"", "0", http.StatusOK},
		{"?last_event_id=3", "", http.StatusNoContent},
		{"?last_event_id=2", "", http.StatusOK},
		{"?last_event_id=2", "3", http.StatusNoContent},
		{"?last_event_id=3", "2", http.StatusOK},
		{"", "x", http.StatusBadRequest},
		{"", "-1", http.StatusBadRequest},
		{"", "99999999999999999999", http.StatusBadRequest},
		{"?last_event_id=x", "1", http.StatusBadRequest},
		{"?last_event_id=", "", http.StatusBadRequest},
		{"?last=3", "", http.StatusBadRequest},
		{"?last_event_id=1&last_event_id=2", "", http.StatusBadRequest},
	} {
		headers := header{"Last-Event-ID": tt.header}
		if tt.header == "" {
			headers = nil
		}
		if r := h.want(h.get(path+tt.query, headers), tt.want); tt.want == http.StatusNoContent && len(r.body) > 0 {
			t.Errorf("204 with %q", r.body)
		}
	}
	if r := h.do(http.MethodHead, path, "", nil); r.StatusCode != http.StatusOK || len(r.body) > 0 {
		t.Errorf("HEAD is answered %d %q", r.StatusCode, r.body)
	}
	h.wantRefusal(h.get("/v1/jobs/"+strangeID+"/events", nil), refusal{http.StatusNotFound, "not-found", nil, strangeID})
	h.wantRefusal(h.get(path, header{"Accept": "application/json"}), refusal{http.StatusNotAcceptable, "not-acceptable", nil, "text/event-stream"})
}

// However often a worker reports, a client gets four events a second at most.
func TestProgressIsHeldBack(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(100_000).ID
	a := h.claimed()
	s := h.follow(id, "")
	s.next(api.EventState)
	began := time.Now()
	for percent := range 99 {
		h.report(a, float64(percent))
	}
	var events int
	for last := -1.0; last < 98; events++ {
		percent := *s.next(api.EventProgress).Progress.Progress.Percent
		if percent <= last {
			t.Fatalf("%v %% comes after %v %%", percent, last)
		}
		last = percent
	}
	if most := 1 + int(time.Since(began)/(250*time.Millisecond)); events > most {
		t.Errorf("%d events came in %v, want %d at most", events, time.Since(began), most)
	}
}

func TestHeartbeats(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.Heartbeat = time.Millisecond })
	id := h.submitted(100_000).ID
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/v1/jobs/"+string(id)+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	for beats := 0; beats < 3; {
		if !lines.Scan() {
			t.Fatalf("the stream ends after %d heartbeats: %v", beats, lines.Err())
		}
		if strings.HasPrefix(lines.Text(), ":") {
			beats++
		}
	}
}

func TestADrainEndsStreams(t *testing.T) {
	t.Parallel()
	h := start(t)
	s := h.follow(h.submitted(100_000).ID, "")
	s.next(api.EventState)
	h.server.Drain()
	s.wantEnd()
}

func TestADeletedJobEndsItsStreams(t *testing.T) {
	t.Parallel()
	h := start(t)
	kept, gone := h.submitted(1000).ID, h.submitted(1000).ID
	s := h.follow(gone, "")
	s.next(api.EventState)
	// Its last waiter gone, and its record with it, before the stream looks: a change of the other makes it look.
	if err := h.redis.Del(t.Context(), "nm:{s:"+string(gone.Shard())+"}:job:"+string(gone)).Err(); err != nil {
		t.Fatal(err)
	}
	h.claimed()
	s.wantEnd()
	if got := h.job(kept); got.State != job.Running {
		t.Errorf("the other job is %s", got.State)
	}
}

func TestMostStreams(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.MaxStreams = 1 })
	id := h.submitted(1000).ID
	path := "/v1/jobs/" + string(id) + "/events"
	s := h.follow(id, "")
	s.next(api.EventState)
	r := h.get(path, nil)
	h.wantRefusal(r, refusal{http.StatusServiceUnavailable, "temporary-reduced-capacity", nil, "Prefer: wait=30"})
	if r.Header.Get("Retry-After") == "" {
		t.Error("the refusal does not say when to try again")
	}
	h.finish(h.claimed(), "55")
	for ended := false; !ended; {
		e, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		ended = e.Type == api.EventDone
	}
	s.wantEnd()
	for h.get(path, nil).StatusCode != http.StatusOK { // its place is free a moment after its end was read
		if t.Context().Err() != nil {
			t.Fatal("the place is not free again")
		}
	}
}

// Messages of Redis are lost with its connections: what was missed is read once they stand again.
func TestEventsSurviveLostMessages(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.submitted(1000).ID
	s := h.follow(id, "")
	s.next(api.EventState)
	h.waiting()
	a := h.claimed()
	s.next(api.EventState)
	if err := h.redis.Do(t.Context(), "CLIENT", "KILL", "TYPE", "pubsub").Err(); err != nil {
		t.Fatal(err)
	}
	h.finish(a, "55")
	s.next(api.EventDone)
	s.wantEnd()
}

func TestScheduledJobsAreFollowedFromBeforeTheirTime(t *testing.T) {
	t.Parallel()
	h := start(t)
	at := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	id := decode[api.Job](t, h.want(h.post(`{"function":"fibonacci","args":{"n":7},"run_at":"`+at+`"}`, nil), http.StatusAccepted)).ID
	s := h.follow(id, "")
	if e := s.next(api.EventState); e.Job.State != job.Scheduled || e.ID != "1" {
		t.Errorf("the snapshot is %+v", e.Job)
	}
	made, err := h.records.StartScheduled(t.Context(), job.LocalOwner, id)
	if err != nil {
		t.Fatal(err)
	}
	if e := s.next(api.EventState); e.Job.State != job.Queued || e.ID != "2" {
		t.Errorf("once it is time it is %+v", e.Job)
	}
	a, ok, err := h.records.Claim(t.Context(), made.Run, "worker-1", false)
	if err != nil || !ok {
		t.Fatalf("claim: %v, %v", ok, err)
	}
	s.next(api.EventState)
	h.write(a.Run, "begins")
	s.next(api.EventLog)
	h.finish(a, "13")
	if e := s.next(api.EventDone); e.Job.State != job.Succeeded {
		t.Errorf("the end is %+v", e.Job)
	}
}
