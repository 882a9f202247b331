package server

import (
	"context"
	"log/slog"
	"net/http"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/shared/telemetry"
)

// createJob writes the job down, then queues its run: whatever happens after the first, the job is carried out.
func (s *Server) createJob(w http.ResponseWriter, r *http.Request) error {
	c, err := s.readSubmission(w, r)
	if err != nil {
		return err
	}
	estimate := s.price(c.computation)
	if err := s.admit(c.computation, estimate); err != nil {
		return err
	}
	request := job.Request{
		Owner: owner(r), Fingerprint: fingerprint(c.computation), Labels: c.labels, MaxAttempts: c.maxAttempts,
		Spec:          job.Spec{Function: c.function.Name, Args: c.args.Canonical(), Method: c.method},
		EstimatedCost: estimate.CostMillis, TraceID: trace.SpanContextFromContext(r.Context()).TraceID().String(),
		Trace: map[string]string{},
	}
	propagation.TraceContext{}.Inject(r.Context(), propagation.MapCarrier(request.Trace))
	rec, err := s.submit(r.Context(), request)
	if err != nil {
		return err
	}
	infoOf(r.Context()).job = rec.ID
	p := readPreference(r.Header)
	if !rec.State.Terminal() && p.wait > 0 {
		rec, err = s.await(r.Context(), rec.Owner, rec.ID, p.wait, hasEnded)
		if err != nil {
			return err
		}
	}
	p.apply(w.Header())
	w.Header().Set("Location", selfLink(rec.ID))
	if rec.State.Terminal() {
		return s.answerJob(w, r, http.StatusOK, rec)
	}
	return s.answerJob(w, r, http.StatusAccepted, rec)
}

// submit takes three round trips to Redis. It goes through even if the client goes away meanwhile.
func (s *Server) submit(ctx context.Context, request job.Request) (store.Record, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisTimeout)
	defer cancel()
	made, err := s.Records.Submit(ctx, request, s.MaxActive)
	if err != nil {
		return store.Record{}, err
	}
	if made.Record != nil {
		return *made.Record, nil
	}
	if made.Cache != job.Miss {
		// What it has joined may stand anywhere.
		return s.Records.Get(ctx, request.Owner, made.ID)
	}
	if err := s.Queue.Enqueue(ctx, made.Run); err != nil {
		s.Logger.WarnContext(telemetry.WithJob(ctx, string(made.ID)), "run not queued; the reconciler will", slog.Any("error", err))
	}
	return begun(request, made), nil
}

// begun is the record of a job that has just started its computation, without reading it.
func begun(r job.Request, made store.Submission) store.Record {
	created, _ := made.ID.Time()
	return store.Record{
		Run: made.Run.ID,
		Job: job.Job{
			ID: made.ID, Owner: r.Owner, Spec: r.Spec, Fingerprint: r.Fingerprint, Labels: r.Labels, MaxAttempts: r.MaxAttempts,
			EstimatedCost: r.EstimatedCost, TraceID: r.TraceID, CreatedAt: created,
			State: job.Queued, Cache: made.Cache, Version: 1,
		},
	}
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

// cancelJob ends the job at once; the work behind it ends if nobody else waits for it.
func (s *Server) cancelJob(w http.ResponseWriter, r *http.Request) error {
	id, err := jobID(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), redisTimeout)
	defer cancel()
	abandoned, err := s.Records.Cancel(ctx, owner(r), id)
	if err != nil {
		return err
	}
	if abandoned != nil {
		// A worker that finds the task refuses it, so a failure here costs only its place in the queue.
		if err := s.Queue.Remove(ctx, *abandoned); err != nil {
			s.Logger.WarnContext(telemetry.WithJob(ctx, string(id)), "abandoned run not taken out of the queue", slog.Any("error", err))
		}
	}
	rec, err := s.Records.Get(ctx, owner(r), id)
	if err != nil {
		return err
	}
	return s.answerJob(w, r, http.StatusOK, rec)
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
	}
	return s.Records.Forget(ctx, c)
}
