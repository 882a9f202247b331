package server

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"numbermill/api"
	"numbermill/shared/history"
	"numbermill/shared/job"
	"numbermill/shared/store"
)

const (
	// historyTimeout is how long an answer waits for the history, unless something else is said.
	historyTimeout = 2 * time.Second
	// historyPause is how long the history is left alone after it has not answered.
	historyPause = 3 * time.Second
	// borderSlack is how much earlier than the retention says the history is looked at: clocks differ.
	borderSlack = 5 * time.Minute
)

// History is where finished jobs stay when Redis has forgotten them. Errors of one that does not answer have the code job.Unavailable.
type History interface {
	// Check fails unless it answers and is in place.
	Check(ctx context.Context) error
	// Get reads the owner's job, or fails with job.NotFound.
	Get(ctx context.Context, o job.Owner, id job.ID) (job.Job, error)
	// Search is store.Walk for it.
	Search(ctx context.Context, o job.Owner, f store.Filter, after *store.Position, size int) ([]job.Job, error)
	// Levels are how the platform has been doing.
	Levels(ctx context.Context, window time.Duration) (history.Levels, error)
}

// breaker keeps answers from waiting, one after the other, for a history that does not answer.
type breaker struct{ until atomic.Int64 }

// errHistoryAway is the answer in its place.
var errHistoryAway = job.Errorf(job.Unavailable, "the history has not answered a moment ago")

// ask calls the history, unless it has just failed.
func (b *breaker) ask(ctx context.Context, timeout time.Duration, call func(context.Context) error) error {
	if time.Now().UnixNano() < b.until.Load() {
		return errHistoryAway
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := call(limited)
	if job.CodeOf(err) == job.Unavailable {
		b.until.Store(time.Now().Add(historyPause).UnixNano())
	}
	return err
}

// border is the time since which all jobs stand in Redis, unless they were deleted.
func (s *Server) border() time.Time { return time.Now().Add(borderSlack - s.Retention) }

// find reads a job from Redis, or else from the history, as a record without digits.
func (s *Server) find(ctx context.Context, o job.Owner, id job.ID) (store.Record, error) {
	rec, missing := s.Records.Get(ctx, o, id)
	made, _ := id.Time()
	if job.CodeOf(missing) != job.NotFound || s.History == nil || made.After(s.border()) {
		return rec, missing
	}
	deleted, err := s.Records.ToErase(ctx, o, []job.ID{id})
	if err != nil {
		return store.Record{}, err
	}
	if deleted[id] {
		return store.Record{}, missing
	}
	var j job.Job
	err = s.breaker.ask(ctx, s.HistoryTimeout, func(ctx context.Context) (err error) {
		j, err = s.History.Get(ctx, o, id)
		return err
	})
	switch {
	case job.CodeOf(err) == job.NotFound:
		return store.Record{}, missing
	case job.CodeOf(err) == job.Unavailable:
		s.Logger.WarnContext(ctx, "the history cannot be asked for a job", slog.Any("error", err))
		return store.Record{}, refuse(unavailable,
			"A job of that age would stand in the history, which does not answer at the moment. Try again in a while.")
	case err != nil:
		return store.Record{}, err
	}
	return archived(j), nil
}

func archived(j job.Job) store.Record { return store.Record{Job: j, Settled: true, Archived: true} }

// list is a page of the owner's jobs, from Redis and, where its retention ends, from the history. next is the token of the next page, empty at the
// end. state tells whether the history was there for it; it is nil if there is none.
func (s *Server) list(ctx context.Context, o job.Owner, f store.Filter, size int, token string) (
	page []store.Record, next string, state *api.HistoryState, err error,
) {
	after, err := store.ParseToken(o, f, token)
	if err != nil {
		return nil, "", nil, err
	}
	// Redis comes first: what it forgets meanwhile is in the history by then.
	page, last, more, err := s.Records.Walk(ctx, o, f, size, after)
	if err != nil {
		return nil, "", nil, err
	}
	var end *store.Position // where the page ends; nil if the list does
	if more {
		end = last
	}
	if s.History != nil {
		state = new(api.HistoryComplete)
		if s.reaches(f, end) {
			older, until, err := s.older(ctx, o, f, after, size)
			if err != nil && job.CodeOf(err) != job.Unavailable {
				return nil, "", nil, err
			}
			if err != nil {
				s.Logger.WarnContext(ctx, "the history cannot be searched", slog.Any("error", err))
				state = new(api.HistoryUnavailable)
			} else {
				page, end = merge(page, older, earlier(end, until), size)
			}
		}
	}
	if end != nil {
		next, err = store.Token(o, f, end)
	}
	return page, next, state, err
}

// reaches tells whether a page that ends at a position in Redis, or with the list, may have jobs in it that only the history knows.
func (s *Server) reaches(f store.Filter, end *store.Position) bool {
	border := s.border()
	return (end == nil || end.CreatedMillis < border.UnixMilli()) && f.CreatedAfter.Before(border) &&
		(len(f.States) == 0 || slices.ContainsFunc(f.States, job.State.Terminal))
}

// older are jobs of the history, at most size, but for those that are to be erased. until is where they end; nil if there are no more.
func (s *Server) older(ctx context.Context, o job.Owner, f store.Filter, after *store.Position, size int) (
	found []job.Job, until *store.Position, err error,
) {
	if border := s.border(); f.CreatedBefore.IsZero() || f.CreatedBefore.After(border) {
		f.CreatedBefore = border
	}
	err = s.breaker.ask(ctx, s.HistoryTimeout, func(ctx context.Context) (err error) {
		found, err = s.History.Search(ctx, o, f, after, size)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	ids := make([]job.ID, len(found))
	for i, j := range found {
		ids[i] = j.ID
	}
	if len(found) == size {
		until = new(store.PositionOf(found[size-1]))
	}
	deleted, err := s.Records.ToErase(ctx, o, ids)
	if err != nil {
		return nil, nil, err
	}
	return slices.DeleteFunc(found, func(j job.Job) bool { return deleted[j.ID] }), until, nil
}

// earlier is the position that comes first in the list; nil is its end.
func earlier(a, b *store.Position) *store.Position {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

// merge puts jobs of Redis and of the history into one page, each once, up to the position where either of the two ends. It returns where the
// page ends.
func merge(page []store.Record, older []job.Job, end *store.Position, size int) ([]store.Record, *store.Position) {
	known := map[job.ID]bool{}
	for _, rec := range page {
		known[rec.ID] = true
	}
	for _, j := range older {
		if !known[j.ID] {
			page = append(page, archived(j))
		}
	}
	slices.SortFunc(page, func(a, b store.Record) int {
		switch p, q := store.PositionOf(a.Job), store.PositionOf(b.Job); {
		case p.Before(q):
			return -1
		case q.Before(p):
			return 1
		default:
			return 0
		}
	})
	if end != nil {
		page = slices.DeleteFunc(page, func(rec store.Record) bool { return end.Before(store.PositionOf(rec.Job)) })
	}
	if len(page) > size {
		page = page[:size]
		end = new(store.PositionOf(page[size-1].Job))
	}
	return page, end
}

// checkHistory looks at the history. Without it everything else goes on, so that it is never a reason to say no.
func (s *Server) checkHistory(ctx context.Context) (api.Check, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	err := s.History.Check(ctx)
	switch {
	case err == nil:
		return api.Check{Status: api.StatusOK}, nil
	case errors.Is(err, history.ErrNotReady):
		const detail = "The history is not in place. numbermill setup makes it; until then finished jobs wait in Redis."
		return api.Check{Status: api.StatusDegraded, Detail: detail}, err
	default:
		return api.Check{Status: api.StatusDegraded, Detail: "The history does not answer. Finished jobs wait for it in Redis."}, err
	}
}
