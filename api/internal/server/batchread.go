package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

const (
	// batchPause is how long a wait for a change of a batch lasts at least, so that whoever asks again and again does so a few times a second however
	// fast the jobs end. The end of the last is told at once.
	batchPause = 200 * time.Millisecond
	// batchLook is how often a wait looks though it was not told of anything: jobs begin to run without a word, and a message may have been lost.
	batchLook = 2 * time.Second
)

// batchETag changes with the counts.
func batchETag(c job.BatchCounts) string {
	return fmt.Sprintf(`W/"%d-%d-%d-%d-%d-%d-%d-%d"`, c.Total, c.Scheduled, c.Queued, c.Running, c.Succeeded, c.Failed, c.Cancelled, c.Expired)
}

func batchHasEnded(b job.Batch) bool { return b.Counts.Scheduled+b.Counts.Queued+b.Counts.Running == 0 }

func (s *Server) getBatch(w http.ResponseWriter, r *http.Request) error {
	id, err := batchID(r)
	if err != nil {
		return err
	}
	p, known := readPreference(r.Header), r.Header.Get("If-None-Match")
	b, err := s.awaitBatch(r.Context(), owner(r), id, p.wait, known)
	if err != nil {
		return err
	}
	p.apply(w.Header())
	if etag := batchETag(b.Counts); known != "" && etagMatches(known, etag) {
		w.Header().Set("ETag", etag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return s.answerCounted(w, r, http.StatusOK, b)
}

// awaitBatch reads a batch until it has ended or, where a tag is known, differs from that, the wait is over or the server drains, and returns what it
// then is.
func (s *Server) awaitBatch(ctx context.Context, o job.Owner, id job.BatchID, wait time.Duration, known string) (job.Batch, error) {
	b, err := s.readBatchOf(ctx, o, id)
	if err != nil || wait <= 0 || batchHasEnded(b) {
		return b, err
	}
	ctx = spans.Quiet(ctx) // what follows may repeat itself for as long as the wait lasts
	changed, ends, stop := s.Watcher.WatchBatch(id)
	defer stop()
	if known == "" {
		changed = nil // the end is all that counts
	}
	over, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for first, last := true, false; ; first = false {
		// Read after subscribing, and once more at the end: a signal may have been missed.
		if b, err = s.readBatchOf(ctx, o, id); err != nil || last || batchHasEnded(b) {
			return b, err
		}
		differs := known != "" && !etagMatches(known, batchETag(b.Counts))
		if differs && !first {
			return b, nil
		}
		if last = s.nextLook(over, changed, ends, differs); ctx.Err() != nil {
			return b, ctx.Err()
		}
	}
}

// nextLook waits until a batch is to be looked at again; signalled tells that it has changed already, last that the wait is over with that look.
func (s *Server) nextLook(over context.Context, changed <-chan struct{}, ends <-chan store.End, signalled bool) (last bool) {
	pause, look := time.NewTimer(batchPause), time.NewTimer(batchLook)
	defer pause.Stop()
	defer look.Stop()
	for paused := false; !paused || !signalled; {
		select {
		case <-pause.C:
			paused = true
		case <-changed:
			signalled = true
		case <-ends:
			return false
		case <-look.C:
			return false
		case <-s.draining.Done():
			return true
		case <-over.Done():
			return true
		}
	}
	return false
}

func (s *Server) readBatchOf(ctx context.Context, o job.Owner, id job.BatchID) (job.Batch, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return s.Records.Batch(ctx, o, id)
}

// answerBatch answers with a batch as it stands now.
func (s *Server) answerBatch(w http.ResponseWriter, r *http.Request, status int, id job.BatchID) error {
	b, err := s.readBatchOf(r.Context(), owner(r), id)
	if err != nil {
		return err
	}
	return s.answerCounted(w, r, status, b)
}

func (s *Server) answerCounted(w http.ResponseWriter, r *http.Request, status int, b job.Batch) error {
	w.Header().Set("ETag", batchETag(b.Counts))
	return s.answer(w, r, status, batchDocument(b))
}
