package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

// longestWait is what longer waits are cut down to.
const longestWait = 60 * time.Second

// preference is what a client prefers (RFC 7240).
type preference struct {
	wait   time.Duration
	waited bool
}

// readPreference reads Prefer: wait=N in seconds. As the standard asks, what cannot be understood is ignored.
func readPreference(h http.Header) preference {
	for part := range strings.SplitSeq(strings.Join(h.Values("Prefer"), ","), ",") {
		part, _, _ = strings.Cut(part, ";")
		name, value, ok := strings.Cut(part, "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		value = strings.Trim(strings.TrimSpace(value), `"`)
		if value == "" || strings.Trim(value, "0123456789") != "" {
			continue
		}
		wait := longestWait
		if n, err := strconv.Atoi(value); err == nil {
			wait = min(time.Duration(min(n, 60))*time.Second, longestWait)
		}
		return preference{wait, true}
	}
	return preference{}
}

// apply tells the client the wait that was used.
func (p preference) apply(h http.Header) {
	if p.waited {
		h.Set("Preference-Applied", "wait="+strconv.Itoa(int(p.wait.Seconds())))
	}
}

func hasEnded(rec store.Record) bool { return rec.State.Terminal() }

// awaitEnds receives the ends of a computation's runs from now on, if its client waits for one. stop must be called.
func (s *Server) awaitEnds(p preference, c computation) (ends <-chan store.End, stop func()) {
	if p.wait <= 0 {
		return nil, func() {}
	}
	return s.Watcher.Await(fingerprint(c))
}

// awaitEnd waits until a job has ended, the wait is over or the server drains, and returns what the job then is. ends were received since before the
// record was read or made: what they say of its end need not be read.
func (s *Server) awaitEnd(ctx context.Context, o job.Owner, rec store.Record, wait time.Duration, ends <-chan store.End) (store.Record, error) {
	ctx = spans.Quiet(ctx) // what follows may repeat itself for as long as the wait lasts
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for over := false; ; {
		select {
		case e := <-ends:
			if ended, ok := rec.EndedBy(e); ok {
				return ended, nil
			}
		case <-timer.C:
			over = true
		case <-s.draining.Done():
			over = true
		case <-ctx.Done():
			return rec, ctx.Err()
		}
		// Something may have been missed; and once more at the end, since no message is certain to come.
		var err error
		if rec, err = s.read(ctx, o, rec.ID); err != nil || over || hasEnded(rec) {
			return rec, err
		}
	}
}

// untilEnd reads a job, and then waits like awaitEnd.
func (s *Server) untilEnd(ctx context.Context, o job.Owner, id job.ID, wait time.Duration) (store.Record, error) {
	rec, err := s.read(ctx, o, id)
	if err != nil || wait <= 0 || hasEnded(rec) {
		return rec, err
	}
	ends, stop := s.Watcher.Await(rec.Fingerprint)
	defer stop()
	if rec, err = s.read(spans.Quiet(ctx), o, id); err != nil || hasEnded(rec) { // it may have ended before anybody listened
		return rec, err
	}
	return s.awaitEnd(ctx, o, rec, wait, ends)
}

// untilChanged reads a job until it differs from what the client knows or has ended, the wait is over or the server drains.
func (s *Server) untilChanged(ctx context.Context, o job.Owner, id job.ID, wait time.Duration, known string) (store.Record, error) {
	enough := func(rec store.Record) bool { return hasEnded(rec) || !etagMatches(known, jobETag(rec)) }
	rec, err := s.read(ctx, o, id)
	if err != nil || wait <= 0 || enough(rec) {
		return rec, err
	}
	ctx = spans.Quiet(ctx)
	changed, stop := s.Watcher.Watch(rec.Fingerprint)
	defer stop()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for over := false; ; {
		// Read after subscribing, and once more at the end: a signal may have been missed.
		if rec, err = s.read(ctx, o, id); err != nil || over || enough(rec) {
			return rec, err
		}
		select {
		case <-changed:
		case <-timer.C:
			over = true
		case <-s.draining.Done():
			over = true
		case <-ctx.Done():
			return rec, ctx.Err()
		}
	}
}

func (s *Server) read(ctx context.Context, o job.Owner, id job.ID) (store.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return s.find(ctx, o, id)
}

func (s *Server) getJob(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	p := readPreference(r.Header)
	known := r.Header.Get("If-None-Match")
	var rec store.Record
	if known == "" {
		rec, err = s.untilEnd(r.Context(), owner(r), id, p.wait)
	} else {
		rec, err = s.untilChanged(r.Context(), owner(r), id, p.wait, known)
	}
	if err != nil {
		return err
	}
	p.apply(w.Header())
	if known != "" && etagMatches(known, jobETag(rec)) {
		describeVersion(w.Header(), rec)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return s.answerJob(w, r, http.StatusOK, rec)
}
