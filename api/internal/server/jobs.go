package server

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"numbermill/api"
	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
)

func (s *Server) createJob(w http.ResponseWriter, r *http.Request) error {
	c, err := s.readSubmission(w, r)
	if err != nil {
		return err
	}
	var key *job.Key
	if len(r.Header["Idempotency-Key"]) > 0 {
		if key, err = readKey(r, c.canonical()); err != nil {
			return err
		}
	}
	return s.takeJob(w, r, c, key, func(rec store.Record) int {
		if rec.State.Terminal() {
			return http.StatusOK
		}
		return http.StatusAccepted
	})
}

// retryJob submits a job's computation again, as a new job.
func (s *Server) retryJob(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	rec, err := s.read(r.Context(), owner(r), id)
	if err != nil {
		return err
	}
	if !rec.State.Terminal() {
		return refuse(jobActive, "The job is %s, so there is nothing to try again. Wait until it has ended, or cancel it first.", rec.State)
	}
	c, err := again(rec.Job)
	if err != nil {
		return err
	}
	key, err := readKey(r, nil)
	if err != nil {
		return err
	}
	return s.takeJob(w, r, c, key, func(store.Record) int { return http.StatusAccepted })
}

// takeJob submits, unless the same was submitted before, and answers once the job has ended or the client does not want to wait longer.
func (s *Server) takeJob(w http.ResponseWriter, r *http.Request, c submission, key *job.Key, statusOf func(store.Record) int) error {
	p := readPreference(r.Header)
	ends, stop := s.awaitEnds(p, c.computation) // before the job is there, so that its end cannot go by unseen
	defer stop()
	o := owner(r)
	known, err := s.replay(r.Context(), o, key)
	var rec store.Record
	if err == nil && known == nil {
		rec, known, err = s.submitNew(r, c, key)
	}
	if err != nil {
		return err
	}
	if known != nil {
		if rec, err = s.read(r.Context(), o, known.ID); err != nil {
			return err
		}
	}
	infoOf(r.Context()).job = rec.ID
	if !rec.State.Terminal() && p.wait > 0 {
		if rec, err = s.awaitEnd(r.Context(), o, rec, p.wait, ends); err != nil {
			return err
		}
	}
	status := statusOf(rec)
	if known != nil {
		status = markReplayed(w.Header(), *known)
	} else {
		s.remember(r.Context(), o, key, status)
	}
	p.apply(w.Header())
	w.Header().Set("Location", selfLink(rec.ID))
	describeVersion(w.Header(), rec)
	return s.answer(w, r, status, s.arrived(rec))
}

// submitNew prices the submission, admits it, writes the job down and queues its run: whatever happens after the second last, the job is
// carried out.
func (s *Server) submitNew(r *http.Request, c submission, key *job.Key) (store.Record, *store.Replay, error) {
	estimate, err := s.admission(r.Context(), c)
	if err != nil {
		return store.Record{}, nil, err
	}
	request := s.request(r.Context(), owner(r), c, estimate)
	request.Key = key
	rec, known, err := s.submit(r.Context(), request)
	return rec, known, s.explain(err, c.computation, estimate)
}

// admission prices the submission, and refuses it if it is too much.
func (s *Server) admission(ctx context.Context, c submission) (estimate function.Estimate, err error) {
	err = s.within(ctx, "admission", func(_ context.Context, span trace.Span) error {
		if err := s.admitsMore(1); err != nil {
			return err
		}
		estimate = s.price(c.computation)
		span.SetAttributes(attribute.Int64("numbermill.cost_ms", estimate.CostMillis))
		return s.admit(c.computation, estimate)
	})
	return estimate, err
}

// request is an admitted submission as the store takes it.
func (s *Server) request(ctx context.Context, o job.Owner, c submission, e function.Estimate) job.Request {
	request := job.Request{
		Owner: o, Fingerprint: fingerprint(c.computation), Labels: c.labels, MaxAttempts: c.maxAttempts,
		Spec:          job.Spec{Function: c.function.Name, Args: c.args.Canonical(), Method: c.method},
		EstimatedCost: e.CostMillis, Priority: c.priority, Queue: queue.Name(job.ClassOf(e.CostMillis), c.priority),
		Deadline: c.deadline, RunAt: c.runAt, RetryOf: c.retryOf,
		TraceID: trace.SpanContextFromContext(ctx).TraceID().String(), Trace: map[string]string{},
	}
	propagation.TraceContext{}.Inject(ctx, propagation.MapCarrier(request.Trace))
	return request
}

// submit takes one round trip to Redis, or up to three. It goes through even if the client goes away meanwhile.
func (s *Server) submit(ctx context.Context, request job.Request) (store.Record, *store.Replay, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisTimeout)
	defer cancel()
	made, err := s.enter(ctx, request, s.MaxActive)
	switch {
	case err != nil || made.Replayed != nil:
		return store.Record{}, made.Replayed, err
	case made.Record != nil:
		return *made.Record, nil, nil
	}
	// It could not be read at once.
	rec, err := s.Records.Get(ctx, request.Owner, made.ID)
	return rec, nil, err
}

// enter writes the job down, and queues its run if it starts one.
func (s *Server) enter(ctx context.Context, request job.Request, maxOpen int) (made store.Submission, err error) {
	queue := func(run store.Run) store.Errand { return s.Queue.EnqueueErrand(ctx, run) }
	err = s.within(ctx, "store submit", func(ctx context.Context, _ trace.Span) error {
		made, err = s.Records.SubmitAndQueue(ctx, request, maxOpen, queue)
		return err
	})
	if err != nil || made.Replayed != nil {
		return made, err
	}
	s.counters.took(ctx, request, made)
	tellSubmission(ctx, request, made)
	s.enqueue(ctx, made)
	return made, nil
}

// enqueue queues the run of a job that starts one, unless that is done.
func (s *Server) enqueue(ctx context.Context, made store.Submission) {
	if made.Cache != job.Miss || made.Scheduled || made.Queued {
		return
	}
	if err := s.Queue.Enqueue(ctx, made.Run); err != nil {
		s.Logger.WarnContext(telemetry.WithJob(ctx, string(made.ID)), "run not queued; the reconciler will", slog.Any("error", err))
	}
}

// explain adds to a refusal of the store what the job would have taken and what the limits are.
func (s *Server) explain(err error, c computation, e function.Estimate) error {
	if poisoned, ok := errors.AsType[*store.PoisonedError](err); ok {
		refusal := refuse(computationRefused, "%s Try again after that, or choose other arguments.", poisoned.Error())
		refusal.header = http.Header{"Retry-After": {decimal(int64(math.Ceil(poisoned.For.Seconds())))}}
		return refusal
	}
	full, ok := errors.AsType[*store.QuotaError](err)
	if !ok {
		return err
	}
	refusal := asRefusal(err)
	refusal.extend = func(p *api.Problem) {
		s.tellLimits(p, c, e)
		p.ActiveJobs = &api.ActiveJobs{Limit: full.Most, Current: full.Open}
	}
	return refusal
}

// cancelJob ends the job at once; the work behind it ends if nobody else waits for it.
func (s *Server) cancelJob(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), redisTimeout)
	defer cancel()
	err = s.cancel(ctx, owner(r), id)
	if err != nil && job.CodeOf(err) != job.NotFound {
		return err
	}
	rec, err := s.find(ctx, owner(r), id)
	if err == nil && rec.Archived && rec.State != job.Cancelled {
		return refuse(notCancellable, "The job has ended already, so there is nothing to cancel.")
	}
	if err != nil {
		return err
	}
	return s.answerJob(w, r, http.StatusOK, rec)
}

func (s *Server) cancel(ctx context.Context, o job.Owner, id job.ID) error {
	abandoned, err := s.Records.Cancel(ctx, o, id)
	if err != nil || abandoned == nil {
		return err
	}
	// A worker that finds the task refuses it, so a failure here costs only its place in the queue.
	if err := s.Queue.Remove(ctx, *abandoned); err != nil {
		s.Logger.WarnContext(telemetry.WithJob(ctx, string(id)), "abandoned run not taken out of the queue", slog.Any("error", err))
	}
	return nil
}

// deleteJob removes the job, and its digits once no other job refers to them.
func (s *Server) deleteJob(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), redisTimeout)
	defer cancel()
	collected, err := s.Records.Delete(ctx, owner(r), id)
	if job.CodeOf(err) == job.NotFound {
		if _, err = s.find(ctx, owner(r), id); err == nil { // Redis has forgotten it, the history has not
			err = s.Records.Erase(ctx, owner(r), id)
		}
	}
	if err != nil {
		return err
	}
	if collected != nil {
		if err := s.collect(ctx, *collected); err != nil {
			s.Logger.WarnContext(telemetry.WithJob(ctx, string(id)), "digits of a deleted job not removed", slog.Any("error", err))
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// collect removes the digits first: a record that says "collecting" keeps them from being forgotten.
func (s *Server) collect(ctx context.Context, c store.Collected) error {
	if c.Blob != "" {
		if err := s.Results.Delete(ctx, c.Blob); err != nil {
			return err
		}
		if err := s.Records.DropResult(ctx, c.Blob); err != nil {
			return err
		}
	}
	return s.Records.Forget(ctx, c)
}
