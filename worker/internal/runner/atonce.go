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
	// tellLater is how much later it is told of a run that came alone: where there is nothing else to do the processors are for whoever waits for it.
	tellLater = time.Millisecond
)

// atOnce is a run that is carried out at once.
type atOnce struct {
	*delivery
	*claim

	ctx         context.Context //nolint:containedctx // of its span, for as long as one call lasts
	begun       time.Time
	publishing  time.Time
	journal     *journal
	log         *slog.Logger
	publication store.Publication
	done        slog.Record
}

// AtOnce carries out those of the runs that take hardly longer than to hand them over, one after the other on the caller's goroutine. It returns nil if
// there are none; else what publishes their results in one trip, to be called once, which tells which of the runs are done. To have the others carried
// out, and to find out about those of which nothing is known, is left to Handle, which nobody may have called for them.
func (r *Runner) AtOnce(ctx context.Context, runs []store.Run) (publish func() (done []bool)) {
	chosen, places := r.chooseAtOnce(runs)
	if len(chosen) == 0 {
		return nil
	}
	giveBack, ok := r.enterAtOnce(chosen)
	if !ok {
		return nil
	}
	var made []*atOnce
	var at []int
	for i, d := range chosen {
		if a, ok := r.makeAtOnce(ctx, d); ok {
			made, at = append(made, a), append(at, places[i])
		}
	}
	giveBack()
	return func() (done []bool) {
		done = make([]bool, len(runs))
		var published []*atOnce
		for i, ok := range r.publishTogether(ctx, made) {
			if done[at[i]] = ok; ok {
				published = append(published, made[i])
			}
		}
		if len(published) == 1 {
			time.AfterFunc(tellLater, func() { r.toldAtOnce(published) })
			return done
		}
		r.toldAtOnce(published)
		return done
	}
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

// enterAtOnce takes what the deliveries need, which is theirs one after the other, if it is free: a place among others, a slot and memory. Until
// toldAtOnce they are under way.
func (r *Runner) enterAtOnce(all []*delivery) (giveBack func(), ok bool) {
	peak := int64(0)
	for _, d := range all {
		peak = max(peak, d.peak())
	}
	leave, ok := r.gate.enter()
	if !ok {
		return nil, false
	}
	giveMemory, ok := r.memory.TakeFree(peak)
	if !ok {
		leave()
		return nil, false
	}
	giveSlot, ok := r.slots.takeFree()
	if !ok {
		giveMemory()
		leave()
		return nil, false
	}
	giveBack = func() {
		giveSlot()
		giveMemory()
		leave()
	}
	if !r.beginAtOnce() {
		giveBack()
		return nil, false
	}
	return giveBack, true
}

// beginAtOnce counts a call, of which none begins while draining.
func (r *Runner) beginAtOnce() (ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.draining {
		r.atOnce++
	}
	return !r.draining
}

// makeAtOnce makes the attempt. Should it fail, Handle will make it again, and tell why.
func (r *Runner) makeAtOnce(ctx context.Context, d *delivery) (*atOnce, bool) {
	ctx, d.span = r.process(ctx, d.run)
	d.traced.Store(true)
	a := &atOnce{delivery: d, claim: &claim{Attempt: store.Unrecorded(d.run, r.worker), prepared: d.prepared}, ctx: ctx, begun: time.Now()}
	a.journal = newJournal(ctx, r.records, a.Attempt, r.worker, r.logger)
	log, tell := a.journal.loggers()
	a.told(ctx, log, tell)
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

// publishTogether publishes the results, and tells of which that is known.
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
	to := time.Now()
	for i, a := range all {
		if !done[i] {
			a.leftToHandle()
			continue
		}
		a.publishing, a.over = from, to
	}
	return done
}

// toldAtOnce tells of attempts that have succeeded.
func (r *Runner) toldAtOnce(all []*atOnce) {
	for _, a := range all {
		took := a.over.Sub(a.begun)
		r.past(a.ctx, a.delivery, "publish", a.publishing, a.over)
		r.told(a.ctx, a.claim, a.delivery, a.begun)
		r.samples.ran(queueOf(a.run), took)
		r.meters.ended(a.ctx, a.run, succeeded, took)
		a.span.SetAttributes(attribute.Int64("numbermill.digits", a.publication.Result.Digits))
		a.journal.tell(a.ctx, a.log, a.done, true)
		a.how = succeeded
		a.close()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.atOnce--
}
