package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/mux"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"numbermill/api"
	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/processors"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

const (
	// mostBatches is how many batches are taken at a time: each may be large.
	mostBatches = 4
	// enqueueHands is how many runs of a part of a batch are queued at the same time: those travel to Redis together.
	enqueueHands = 64
	// batchTimeout bounds how long a batch may take to write.
	batchTimeout = 2 * time.Minute
)

func (s *Server) createBatch(w http.ResponseWriter, r *http.Request) error {
	if !s.batches.take() {
		return refuse(unavailable, "%d batches are being taken already. Try again in a moment.", mostBatches)
	}
	defer s.batches.give()
	defer processors.All()()
	b, err := s.readBatch(w, r)
	if err != nil {
		return err
	}
	var key *job.Key
	if len(r.Header.Values("Idempotency-Key")) > 0 { // else nobody needs the canonical request, which is dear
		if key, err = readKey(r, b.canonical()); err != nil {
			return err
		}
	}
	known, err := s.replay(r.Context(), owner(r), key)
	var made job.Batch
	if err == nil && known == nil {
		made, known, err = s.submitBatch(r, b, key)
	}
	if err != nil {
		return err
	}
	if known != nil {
		status := markReplayed(w.Header(), *known)
		w.Header().Set("Location", batchLink(known.Batch))
		return s.answerBatch(w, r, status, known.Batch)
	}
	w.Header().Set("Location", batchLink(made.ID))
	if batchHasEnded(made) { // all results were stored, and by now it is written when the last was found
		return s.answerBatch(w, r, http.StatusAccepted, made.ID)
	}
	return s.answerCounted(w, r, http.StatusAccepted, made)
}

// submitBatch admits all jobs or none, then writes them. The counts of the batch are what the jobs met with when they were written.
func (s *Server) submitBatch(r *http.Request, b batchRequest, key *job.Key) (made job.Batch, known *store.Replay, err error) {
	if err := s.admitsMore(len(b.jobs)); err != nil {
		return made, nil, err
	}
	requests, err := s.admitBatch(r, b)
	if err != nil {
		return made, nil, err
	}
	id, err := job.NewBatchID()
	if err != nil {
		return made, nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), batchTimeout)
	defer cancel()
	created, _ := id.Time()
	made = job.Batch{ID: id, Labels: b.labels, CreatedAt: created, Counts: job.BatchCounts{Total: int64(len(requests))}}
	known, err = s.Records.CreateBatch(ctx, owner(r), made, key, s.MaxActive)
	if err != nil || known != nil {
		first := b.jobs[0].computation
		return made, known, s.explain(err, first, s.price(first))
	}
	for i := range requests {
		requests[i].Batch = id
	}
	var failed int
	made.Counts, failed, err = s.enterAll(ctx, owner(r), id, requests)
	if err != nil {
		s.takeBack(ctx, owner(r), id, key)
		c := b.jobs[failed].computation
		return made, nil, pointAt(s.explain(err, c, s.price(c)), b.pointer(failed))
	}
	s.remember(ctx, owner(r), key, http.StatusAccepted)
	return made, nil, nil
}

// admitBatch prices each computation once, and admits all or none.
func (s *Server) admitBatch(r *http.Request, b batchRequest) (requests []job.Request, err error) {
	err = s.within(r.Context(), "admission", func(ctx context.Context, _ trace.Span) error {
		requests, err = s.priceBatch(r, b)
		return err
	}, attribute.Int("numbermill.jobs", len(b.jobs)))
	return requests, err
}

// priceBatch is the work of admitBatch.
func (s *Server) priceBatch(r *http.Request, b batchRequest) ([]job.Request, error) {
	full, brief := r.Context(), spans.Brief(r.Context())
	prices := map[job.Fingerprint]function.Estimate{}
	requests := make([]job.Request, len(b.jobs))
	for i, c := range b.jobs {
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		f := fingerprint(c.computation)
		e, known := prices[f]
		if !known {
			e = s.price(c.computation)
			if err := s.admit(c.computation, e); err != nil {
				return nil, pointAt(err, b.pointer(i))
			}
			prices[f] = e
		}
		ctx := full
		if i >= mostTold {
			ctx = brief
		}
		requests[i] = s.request(ctx, owner(r), c, e)
	}
	return requests, nil
}

// pointAt says which part of the request a refusal is about.
func pointAt(err error, pointer string) error {
	e := *asRefusal(err)
	if e.kind.status >= http.StatusInternalServerError {
		return err
	}
	e.fields = []api.FieldError{{Pointer: pointer, Detail: e.detail}}
	return &e
}

// takeBack cancels what was written of a batch that then failed, and frees its key. What it misses runs, and is counted in the batch.
func (s *Server) takeBack(ctx context.Context, o job.Owner, id job.BatchID, key *job.Key) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), batchTimeout) // the other time may be over
	defer cancel()
	err := errors.Join(s.cancelJobs(ctx, o, id), s.Records.CutBatch(ctx, o, id))
	if key != nil {
		err = errors.Join(err, s.Records.FreeKey(ctx, o, *key, string(id)))
	}
	if err != nil {
		s.Logger.WarnContext(ctx, "jobs of a batch that failed not all cancelled", slog.String("batch", string(id)), slog.Any("error", err))
	}
}

// eachOf does something with all of them, a few at a time. It stops at the first that fails, and tells which.
func eachOf[T any](ctx context.Context, hands int, all []T, do func(context.Context, T) error) (failed int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var once sync.Once
	var working sync.WaitGroup
	next := make(chan int)
	for range min(hands, len(all)) {
		working.Go(func() {
			for i := range next {
				if e := do(ctx, all[i]); e != nil {
					once.Do(func() { failed, err = i, e })
					cancel()
				}
			}
		})
	}
	for i := range all {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	working.Wait()
	if err == nil && ctx.Err() != nil {
		err = job.Errorf(job.Unavailable, "not all could be done in time: %w", ctx.Err())
	}
	return failed, err
}

// batchID reads the id in the path. One that cannot be a batch's is not found, like one that is nobody's.
func batchID(r *http.Request) (job.BatchID, error) {
	text := mux.Vars(r)["id"]
	id, ok := job.ParseBatchID(text)
	if !ok {
		return "", refuse(notFound, "There is no batch %q. An id looks like batch_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b.", shorten(text))
	}
	return id, nil
}

// cancelBatch cancels the jobs that have not ended; the batch then is what it is.
func (s *Server) cancelBatch(w http.ResponseWriter, r *http.Request) error {
	id, err := batchID(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), batchTimeout)
	defer cancel()
	if err := s.cancelJobs(ctx, owner(r), id); err != nil {
		return err
	}
	return s.answerBatch(w, r, http.StatusOK, id)
}

func (s *Server) cancelJobs(ctx context.Context, o job.Owner, id job.BatchID) error {
	open, err := s.Records.BatchOpen(ctx, o, id)
	if err != nil {
		return err
	}
	_, err = eachOf(spans.Quiet(ctx), partsAtOnce, slices.Collect(slices.Chunk(open, batchPart)), func(ctx context.Context, part []job.ID) error {
		abandoned, err := s.Records.CancelAll(ctx, o, part)
		if err != nil {
			return err
		}
		// A worker that finds a task refuses it, so a failure here costs only places in the queue.
		if err := s.removeAll(ctx, abandoned); err != nil {
			s.Logger.WarnContext(ctx, "abandoned runs not all taken out of the queue", slog.String("batch", string(id)), slog.Any("error", err))
		}
		return nil
	})
	return err
}

// removeAll takes runs out of their queues. It goes on when one cannot be, and tells the first of such errors.
func (s *Server) removeAll(ctx context.Context, runs []store.Run) (first error) {
	var once sync.Once
	_, err := eachOf(ctx, enqueueHands, runs, func(ctx context.Context, run store.Run) error {
		if err := s.Queue.Remove(ctx, run); err != nil {
			once.Do(func() { first = err })
		}
		return nil
	})
	return errors.Join(err, first)
}

func (s *Server) listBatches(w http.ResponseWriter, r *http.Request) error {
	query, err := readQuery(r.URL.RawQuery, []string{"page_size", "page_token"})
	if err != nil {
		return err
	}
	size, err := readPageSize(query.Get("page_size"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), redisTimeout)
	defer cancel()
	batches, next, err := s.Records.Batches(spans.Quiet(ctx), owner(r), size, query.Get("page_token"))
	if err != nil {
		return err
	}
	page := api.BatchList{Batches: []api.Batch{}, NextPageToken: next}
	for _, b := range batches {
		page.Batches = append(page.Batches, batchDocument(b))
	}
	return s.answer(w, r, http.StatusOK, page)
}

func batchLink(id job.BatchID) string { return "/v1/batches/" + string(id) }

func batchDocument(b job.Batch) api.Batch {
	d := api.Batch{
		ID: b.ID, State: api.BatchEnded, CreatedAt: b.CreatedAt, Labels: b.Labels, Counts: b.Counts,
		Links: api.BatchLinks{Self: batchLink(b.ID), Jobs: "/v1/jobs?batch=" + string(b.ID)},
	}
	if d.Labels == nil {
		d.Labels = map[string]string{}
	}
	if b.Counts.Scheduled+b.Counts.Queued+b.Counts.Running > 0 {
		d.State, d.Links.Cancel = api.BatchActive, new(batchLink(b.ID)+"/cancel")
	} else if !b.EndedAt.IsZero() {
		d.FinishedAt = &b.EndedAt
	}
	return d
}
