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

// await reads a job until enough is content with it, the wait is over or the server drains, and returns what it then is.
func (s *Server) await(ctx context.Context, o job.Owner, id job.ID, wait time.Duration, enough func(store.Record) bool) (store.Record, error) {
	rec, err := s.read(ctx, o, id)
	if err != nil || wait <= 0 || enough(rec) {
		return rec, err
	}
	ctx = spans.Quiet(ctx) // what follows may repeat itself for as long as the wait lasts
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
	enough := hasEnded
	if known != "" {
		enough = func(rec store.Record) bool { return hasEnded(rec) || !etagMatches(known, jobETag(rec)) }
	}
	rec, err := s.await(r.Context(), owner(r), id, p.wait, enough)
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
