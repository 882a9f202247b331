package server

import (
	"context"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/job"
	"numbermill/shared/store"
	"numbermill/shared/telemetry/spans"
)

const (
	// mostTold is how many jobs of a batch have spans of their own here, and links to the runs that they join. Of the others there is one span
	// for all here, and one for each in the worker.
	mostTold = 100
	// batchPart is how many jobs of a batch are written in one go, and partsAtOnce how many such parts are under way: while one is written, the
	// runs of another are queued.
	batchPart   = 250
	partsAtOnce = 3
)

// batchPlan is a batch on its way into the store and the queue.
type batchPlan struct {
	owner    job.Owner
	id       job.BatchID
	requests []job.Request

	// asked is the span of the request; one is that of a job which is told by itself, rest that of all others.
	asked, one, rest trace.Span
	links            atomic.Int64

	mu    sync.Mutex
	stand job.BatchCounts
}

// enterAll writes the jobs of a batch down and queues their runs, part by part. It tells where they then stand, or which of them could not be taken.
func (s *Server) enterAll(ctx context.Context, o job.Owner, id job.BatchID, requests []job.Request) (stand job.BatchCounts, failed int, err error) {
	b := &batchPlan{owner: o, id: id, requests: requests, asked: trace.SpanFromContext(ctx)}
	err = s.within(ctx, "store submit", func(ctx context.Context, span trace.Span) error {
		rest, end := s.enqueueBriefly(ctx, len(requests)-mostTold)
		defer end()
		b.one, b.rest = span, rest
		var firsts []int
		for first := 0; first < len(requests); first += batchPart {
			firsts = append(firsts, first)
		}
		within := make([]int, len(firsts))
		part, err := eachOf(ctx, partsAtOnce, firsts, func(ctx context.Context, first int) (err error) {
			within[first/batchPart], err = s.enterPart(ctx, b, first)
			return err
		})
		failed = firsts[part] + within[part]
		return err
	}, attribute.Int("numbermill.jobs", len(requests)))
	return b.stand, failed, err
}

// enterPart writes the jobs from the first on, and queues their runs. It tells which of them could not be taken.
func (s *Server) enterPart(ctx context.Context, b *batchPlan, first int) (failed int, err error) {
	requests := b.requests[first:min(first+batchPart, len(b.requests))]
	made, failed, err := s.Records.SubmitBatch(spans.Quiet(ctx), b.owner, b.id, requests)
	if err != nil {
		return failed, err
	}
	s.counters.tookAll(ctx, requests, made)
	b.add(made)
	var runs []int
	for i, m := range made {
		switch {
		case m.Scheduled:
		case m.Cache == job.Miss:
			runs = append(runs, i)
		case b.links.Add(1) <= mostTold:
			linkRun(ctx, b.asked, m)
		}
	}
	_, err = eachOf(ctx, enqueueHands, runs, func(ctx context.Context, i int) error {
		producer := b.one
		if first+i >= mostTold {
			producer = b.rest
		}
		s.enqueue(trace.ContextWithSpan(ctx, producer), made[i])
		return nil
	})
	return 0, err
}

// add notes where jobs stand that have just been taken.
func (b *batchPlan) add(made []store.Submission) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range made {
		switch b.stand.Total++; {
		case m.Scheduled:
			b.stand.Scheduled++
		case m.Cache == job.Hit:
			b.stand.Succeeded++
		default:
			b.stand.Queued++
		}
	}
}

// enqueueBriefly begins the span of the many jobs of a batch that have none of their own, if there are any.
func (s *Server) enqueueBriefly(ctx context.Context, jobs int) (producer trace.Span, end func()) {
	if jobs <= 0 {
		return trace.SpanFromContext(ctx), func() {}
	}
	ctx, span := s.tracer.Start(ctx, "enqueue", trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithAttributes(attribute.String("messaging.system", "asynq"), attribute.Int("numbermill.jobs", jobs)))
	return trace.SpanFromContext(spans.Brief(ctx)), func() { span.End() }
}

// tookAll counts jobs that were taken, as took does.
func (c counters) tookAll(ctx context.Context, requests []job.Request, made []store.Submission) {
	type kind struct{ function, how string }
	counts := map[kind]int64{}
	for i, m := range made {
		k := kind{requests[i].Spec.Function, string(m.Cache)}
		if m.Scheduled {
			k.how = scheduledLater
		}
		counts[k]++
	}
	for k, n := range counts {
		c.submitted.Add(ctx, n, metric.WithAttributes(attribute.String("function", k.function), attribute.String("cache", k.how)))
	}
}
