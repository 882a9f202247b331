package runner

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"numbermill/shared/store"
)

const (
	// atOnceTime is how much computing, by its price, one call of AtOnce takes on: while it lasts no other run is fetched.
	atOnceTime = 16 * time.Millisecond
	// atOnceLimit bounds the call that publishes: whoever carries out runs as they usually are has more patience.
	atOnceLimit = 2 * time.Second
)

// atOnce is a run that is carried out at once.
type atOnce struct {
	*delivery
	*claim

	ctx         context.Context //nolint:containedctx // of its span, for as long as one call lasts
	begun       time.Time
	journal     *journal
	log         *slog.Logger
	publication store.Publication
	done        slog.Record
}

// AtOnce carries out those of the runs that take hardly longer than to hand them over, one after the other on the caller's goroutine, and publishes
// their results in one trip. It tells which are done. To have the others carried out, and to find out about those of which nothing is known, is left to
// Handle, which nobody may have called for them.
func (r *Runner) AtOnce(ctx context.Context, runs []store.Run) (done []bool) {
	done = make([]bool, len(runs))
	chosen, places := r.chooseAtOnce(runs)
	if len(chosen) == 0 {
		return done
	}
	leave, giveBack, ok := r.enterAtOnce(chosen)
	if !ok {
		return done
	}
	defer leave()
	var made []*atOnce
	var at []int
	for i, d := range chosen {
		if a, ok := r.makeAtOnce(ctx, d); ok {
			made, at = append(made, a), append(at, places[i])
		}
	}
	giveBack()
	for i, ok := range r.publishTogether(ctx, made) {
		done[at[i]] = ok
	}
	return done
}

// chooseAtOnce returns deliveries of the runs that are to be carried out at once, and where they stand among all.
func (r *Runner) chooseAtOnce(runs []store.Run) (chosen []*delivery, places []int) {
	left := atOnceTime.Seconds()
	for i, run := range runs {
		d := &delivery{prepared: prepare(run.Spec), run: run, since: time.Now()}
		if !d.isTiny() || d.estimate.Seconds[1] > left {
			continue
		}
		left -= d.estimate.Seconds[1]
		chosen, places = append(chosen, d), append(places, i)
	}
	return chosen, places
}

// enterAtOnce takes what the deliveries need, which is theirs one after the other, if it is free: a slot and memory, until they are given back, and a
// place among others, until it leaves.
func (r *Runner) enterAtOnce(all []*delivery) (leave, giveBack func(), ok bool) {
	peak := int64(0)
	for _, d := range all {
		peak = max(peak, d.peak())
	}
	leaveGate, ok := r.gate.enter()
	if !ok {
		return nil, nil, false
	}
	giveMemory, ok := r.memory.TakeFree(peak)
	if !ok {
		leaveGate()
		return nil, nil, false
	}
	giveSlot, ok := r.slots.takeFree()
	if ok = ok && r.countAtOnce(1); !ok {
		giveMemory()
		leaveGate()
		return nil, nil, false
	}
	return func() {
			r.countAtOnce(-1)
			leaveGate()
		}, func() {
			giveSlot()
			giveMemory()
		}, true
}

// countAtOnce counts calls under way, of which none begins while draining.
func (r *Runner) countAtOnce(more int) (ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if more > 0 && r.draining {
		return false
	}
	r.atOnce += more
	return true
}

// makeAtOnce makes the attempt. Should it fail, Handle will make it again, and tell why.
func (r *Runner) makeAtOnce(ctx context.Context, d *delivery) (*atOnce, bool) {
	ctx, d.span = r.process(ctx, d.run)
	d.traced.Store(true)
	a := &atOnce{delivery: d, claim: &claim{Attempt: store.Unrecorded(d.run, r.worker), prepared: d.prepared}, ctx: ctx, begun: time.Now()}
	a.journal = newJournal(ctx, r.records, a.Attempt, r.worker, r.logger)
	log, tell := a.journal.loggers()
	a.claim.told(ctx, log, tell)
	res, digits, err := r.attemptOn(ctx, a.claim, tell, 1, nil, nothing)
	if err != nil {
		a.leftToHandle()
		return nil, false
	}
	a.log, a.done = log, succeededWith(res)
	a.publication = store.Publication{
		Attempt: a.Attempt, Result: res, Digits: digits, Lines: a.journal.take(log, a.done), Summary: summarize(res),
	}
	return a, true
}

// leftToHandle ends what was begun, as if it had not been.
func (a *atOnce) leftToHandle() {
	a.how = released
	a.close()
}

// publishTogether publishes the results, and tells of those that are.
func (r *Runner) publishTogether(ctx context.Context, all []*atOnce) (done []bool) {
	if len(all) == 0 {
		return nil
	}
	publications := make([]store.Publication, len(all))
	for i, a := range all {
		publications[i] = a.publication
	}
	ctx, cancel := context.WithTimeout(ctx, atOnceLimit)
	defer cancel()
	from := time.Now()
	done, err := r.records.CompleteTogether(ctx, publications)
	if err != nil {
		r.logger.DebugContext(ctx, "results could not be published together, which is tried again one by one", slog.Any("error", err))
	}
	for i, a := range all {
		if !done[i] {
			a.leftToHandle()
			continue
		}
		r.past(a.ctx, a.delivery, "publish", from, time.Now())
		r.toldAtOnce(a)
	}
	return done
}

// toldAtOnce tells of an attempt that has succeeded.
func (r *Runner) toldAtOnce(a *atOnce) {
	took := time.Since(a.begun)
	r.told(a.ctx, a.claim, a.delivery, a.begun)
	r.samples.ran(queueOf(a.run), took)
	r.meters.ended(a.ctx, a.run, succeeded, took)
	a.span.SetAttributes(attribute.Int64("numbermill.digits", a.publication.Result.Digits))
	a.journal.tell(a.ctx, a.log, a.done, true)
	a.how = succeeded
	a.close()
}
