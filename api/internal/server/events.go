package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"numbermill/api"
	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
	"numbermill/shared/telemetry/spans"
)

const (
	// progressEvery is how far apart events of progress are at least.
	progressEvery = 250 * time.Millisecond
	// lookEvery is how far apart two looks at the record are at least, however often it changes.
	lookEvery = 50 * time.Millisecond
	// placeEvery is how often a job that waits is asked for its place in the queue.
	placeEvery = 3 * time.Second
	// lookAgainAfter is when a record is read again that could not be.
	lookAgainAfter = time.Second
	// lookTimeout bounds one look.
	lookTimeout = 5 * time.Second
)

// streamEvents follows a job until it has ended. What is sent comes from the record each time: a change is only a reason to read it again.
func (s *Server) streamEvents(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	last, err := lastEventID(r)
	if err != nil {
		return err
	}
	rec, err := s.read(r.Context(), owner(r), id)
	if err != nil {
		return err
	}
	if rec.State.Terminal() && last != nil && *last >= rec.Version {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if s.streams.Add(1) > int64(s.MaxStreams) {
		s.streams.Add(-1)
		return refuse(unavailable, "%d streams of events are open, which is the most. Try again in a moment, or poll the job with Prefer: wait=30.", s.MaxStreams)
	}
	defer s.streams.Add(-1)
	if r.Method == http.MethodHead {
		openEvents(w)
		return nil
	}
	changed, stop := s.Watcher.Watch(rec.Fingerprint)
	defer stop()
	f := &following{server: s, owner: owner(r), id: id, out: openEvents(w), changed: changed}
	f.out.retry(reconnectAfter)
	f.run(telemetry.WithJob(spans.Quiet(r.Context()), string(id)))
	return nil
}

var eventID = regexp.MustCompile(`^[0-9]{1,19}$`)

// lastEventID is the id that the client has; nil if it has none. A header is newer than the address that the client first went to.
func lastEventID(r *http.Request) (*int64, error) {
	query, err := readQuery(r.URL.RawQuery, []string{"last_event_id"})
	if err != nil {
		return nil, err
	}
	first, err := readEventID("last_event_id", query["last_event_id"])
	if err != nil {
		return nil, err
	}
	if last, err := readEventID("Last-Event-ID", r.Header.Values("Last-Event-ID")); last != nil || err != nil {
		return last, err
	}
	return first, nil
}

// readEventID reads the value of a header or a parameter.
func readEventID(where string, given []string) (*int64, error) {
	if len(given) == 0 {
		return nil, nil //nolint:nilnil // there need not be one
	}
	n, err := strconv.ParseInt(given[0], 10, 64) // the largest for what lies beyond it
	if len(given) > 1 || !eventID.MatchString(given[0]) || err != nil && !errors.Is(err, strconv.ErrRange) {
		return nil, refuse(malformed, "%s is no id of an event: %q. Send the id of the last event that you have, or leave it out.", where, shorten(strings.Join(given, ", ")))
	}
	return &n, nil
}

// following is one client that follows one job.
type following struct {
	server  *Server
	owner   job.Owner
	id      job.ID
	out     *eventWriter
	changed <-chan struct{}

	// version, attempt and reports are those of the record as it was last told; version is 0 before.
	version, attempt, reports int64
	// lines of the log of the run told were told.
	lines int64
	told  string
	// position is the place in the queue that was last told.
	position string
	// queued is whether the job waited in its queue when it was last looked at.
	queued bool
	// progressAt is when progress was last told.
	progressAt time.Time
}

// run tells until the job has ended, the client is gone or the server drains.
func (f *following) run(ctx context.Context) {
	heartbeat := time.NewTicker(f.server.Heartbeat)
	defer heartbeat.Stop()
	place := time.NewTicker(placeEvery)
	defer place.Stop()
	look := time.NewTimer(0)
	defer look.Stop()
	looked := time.Time{}
	for f.out.err == nil {
		select {
		case <-f.changed:
			look.Reset(lookEvery - min(time.Since(looked), lookEvery))
		case <-place.C:
			if f.queued {
				look.Reset(0)
			}
		case <-look.C:
			looked = time.Now()
			again, ended := f.look(ctx)
			if ended {
				return
			}
			if again > 0 {
				look.Reset(again)
			}
		case <-heartbeat.C:
			f.out.heartbeat()
		case <-f.server.draining.Done():
			return
		case <-ctx.Done():
			return
		}
	}
}

// look reads the record and tells what is new. again is when to look again even if nothing changes; 0 for never.
func (f *following) look(ctx context.Context) (again time.Duration, ended bool) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	rec, err := f.server.find(ctx, f.owner, f.id)
	if err != nil {
		return f.giveUp(ctx, err)
	}
	if rec.State.Terminal() {
		if f.version > 0 { // who comes after the end wants nothing else
			if again, ended := f.tellLog(ctx, rec); ended || again > 0 {
				return again, ended
			}
		}
		f.out.event(api.EventDone, decimal(rec.Version), f.server.document(rec))
		return 0, true
	}
	f.tellState(ctx, rec)
	if again, ended = f.tellLog(ctx, rec); ended || again > 0 {
		return again, ended
	}
	return f.tellProgress(rec), false
}

// giveUp ends the stream unless Redis is away for a moment.
func (f *following) giveUp(ctx context.Context, err error) (again time.Duration, ended bool) {
	switch {
	case errors.Is(err, context.Canceled):
		return 0, true
	case job.CodeOf(err) == job.Unavailable:
		return lookAgainAfter, false
	case job.CodeOf(err) != job.NotFound: // else it was deleted, which a client learns when it connects again
		f.server.Logger.ErrorContext(ctx, "job cannot be followed", slog.Any("error", err))
	}
	return 0, true
}

// tellState tells a change of state, and of the place in the queue. The latter has no id: it is no change of the job.
func (f *following) tellState(ctx context.Context, rec store.Record) {
	changed := rec.Version != f.version
	if !changed && rec.State != job.Queued {
		f.queued = false
		return
	}
	d := f.server.placed(ctx, rec)
	position := ""
	if rec.State == job.Queued && d.Queue.Position != nil {
		position = *d.Queue.Position
	}
	switch {
	case changed:
		f.out.event(api.EventState, decimal(rec.Version), d)
		f.attempt, f.reports = rec.Attempt, rec.Reports // the job carries its progress
	case position != f.position && position != "":
		f.out.event(api.EventState, "", d)
	}
	f.version, f.position, f.queued = rec.Version, position, rec.State == job.Queued
}

// tellProgress tells how far the attempt has come, unless it was told a moment ago.
func (f *following) tellProgress(rec store.Record) (again time.Duration) {
	if rec.Progress == nil || (rec.Attempt == f.attempt && rec.Reports == f.reports) {
		return 0
	}
	if since := time.Since(f.progressAt); since < progressEvery {
		return progressEvery - since
	}
	f.out.event(api.EventProgress, "", api.ProgressEvent{Attempt: rec.Attempt, Version: decimal(rec.Version), Progress: *progress(rec)})
	f.attempt, f.reports, f.progressAt = rec.Attempt, rec.Reports, time.Now()
	return 0
}

// tellLog tells the lines of the log that are new.
func (f *following) tellLog(ctx context.Context, rec store.Record) (again time.Duration, ended bool) {
	if rec.Run != f.told {
		f.told, f.lines = rec.Run, 0
	}
	if rec.Run == rec.ComputationRun && rec.LogLines <= f.lines {
		return 0, false
	}
	lines, next, err := f.server.Records.Logs(ctx, rec, f.lines)
	if err != nil {
		return f.giveUp(ctx, err)
	}
	for _, l := range lines {
		f.out.event(api.EventLog, "", logLine(l))
	}
	f.lines = max(f.lines, next)
	return 0, false
}
