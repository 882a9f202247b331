package runner

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/queue"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

// claim is an attempt that has begun, and what came before it.
type claim struct {
	store.Attempt
	*prepared

	alone  bool
	waited time.Duration // for memory, or to be alone
	// leaveSlots says that it is done with computing.
	leaveSlots func()
}

// tiny is how much computing, by its price, may be done before anybody is told of it.
const tiny = 8 * time.Millisecond

// worthTelling is how long a wait must be for people to hear of it.
const worthTelling = 100 * time.Millisecond

// told tells what there is to tell at the beginning.
func (c *claim) told(ctx context.Context, log, tell *slog.Logger) {
	if !c.Recorded() {
		log = tell // that it has ended says all
	}
	log.InfoContext(ctx, "attempt started")
	if c.waited >= worthTelling && !c.alone {
		tell.InfoContext(ctx, "waited for other computations to give back memory", slog.Float64("waited_ms", ms(c.waited)),
			slog.Int64("peak_bytes", c.peak()))
	}
	if c.alone {
		tell.InfoContext(ctx, "computed alone in its worker, since one was lost with it before", slog.Float64("waited_ms", ms(c.waited)))
	}
}

// claim waits until the delivery may begin, and begins an attempt; leave must then be called when it has ended. It returns nil if nobody wants the run
// any more. The error tells the queue when the run comes back.
func (r *Runner) claim(ctx context.Context, d *delivery) (c *claim, leave func(), err error) {
	leaveSlots, err := r.enterSlots(ctx, d)
	if err != nil {
		return nil, nothing, endOfWait(err)
	}
	d.entered = time.Now()
	c, leaveRest, err := r.claimInside(ctx, d)
	if err != nil {
		leaveSlots()
		return nil, nothing, err
	}
	if c != nil {
		c.leaveSlots = leaveSlots
	}
	return c, func() {
		leaveSlots()
		leaveRest()
	}, nil
}

// enterSlots waits until a small run may be claimed. The error is errNotAlone, or tells why the delivery has ended.
func (r *Runner) enterSlots(ctx context.Context, d *delivery) (leave func(), err error) {
	if classOf(queueOf(d.run)) != job.Small {
		return nothing, nil
	}
	r.wait(d, waitsForSlot)
	defer r.wait(d, waitsForNothing)
	if !r.gate.isOpen() {
		return nil, errNotAlone
	}
	leave, err = r.slots.enter(ctx, d.price())
	r.waitedFor(ctx, d, "wait for a slot", d.since)
	return leave, err
}

// claimInside is claim once there is a slot.
func (r *Runner) claimInside(ctx context.Context, d *delivery) (c *claim, leave func(), err error) {
	leaveGate, ok := r.gate.enter()
	if !ok {
		return nil, nothing, &queue.BusyError{After: busyPause}
	}
	c, leave, err = r.tryClaim(ctx, d, leaveGate, amongOthers)
	if !errors.Is(err, store.ErrAlone) {
		return c, leave, err
	}
	leaveGate, err = r.beAlone(ctx, d, r.alonePatience)
	if errors.Is(err, errNotSoon) {
		if leaveGate, ok = r.gate.enter(); !ok {
			return nil, nothing, &queue.BusyError{After: busyPause}
		}
		c, leave, err = r.tryClaim(ctx, d, leaveGate, despiteOthers)
		if !errors.Is(err, store.ErrAlone) {
			return c, leave, err
		}
		leaveGate, err = r.beAlone(ctx, d, noLimit)
	}
	if err != nil {
		return nil, nothing, endOfWait(err)
	}
	return r.tryClaim(ctx, d, leaveGate, alone)
}

func nothing() {}

// company is what else runs in this process when an attempt is claimed.
type company int

const (
	amongOthers company = iota
	// despiteOthers: the run should be alone, but would have to wait for long.
	despiteOthers
	alone
)

const (
	// alonePatience is how long a run waits to be alone that was lost once: most likely that was not its own doing.
	alonePatience = 2 * time.Second
	noLimit       = 0
)

// errNotSoon says that others have not ended in time.
var errNotSoon = errors.New("other computations go on")

// beAlone waits until nothing else runs in this process, for as long as patience says.
func (r *Runner) beAlone(ctx context.Context, d *delivery, patience time.Duration) (leaveGate func(), err error) {
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, patience, errNotSoon)
		defer cancel()
	}
	r.wait(d, waitsToBeAlone)
	defer r.wait(d, waitsForNothing)
	since := time.Now()
	leaveGate, err = r.gate.enterAlone(ctx, r.makeRoom)
	r.waitedFor(ctx, d, "wait to be alone", since)
	return leaveGate, err
}

// makeRoom gives back the runs that wait for a slot or for memory, so that one that has to be alone does not wait for them too, nor they for it.
func (r *Runner) makeRoom() {
	r.stopIf(errNotAlone, func(d *delivery) bool { return d.waits == waitsForSlot || d.waits == waitsForMemory })
}

// tryClaim claims the run once there is memory for it. leave is what leaves the gate, and then also gives the memory back. What fails has left.
func (r *Runner) tryClaim(ctx context.Context, d *delivery, leaveGate func(), with company) (_ *claim, leave func(), err error) {
	giveBack, err := r.takeMemory(ctx, d, d.peak(), with == alone)
	if err != nil {
		defer leaveGate()
		return nil, nothing, r.withoutMemory(ctx, d, d.peak(), err)
	}
	leave = sync.OnceFunc(func() {
		giveBack()
		leaveGate()
	})
	a, ok, err := r.record(ctx, d, with)
	switch {
	case err == nil && ok:
		if a.Recorded() {
			r.claimed(d, a.Number)
		}
		return &claim{Attempt: a, prepared: d.prepared, alone: with == alone, waited: time.Since(d.entered)}, leave, nil
	case err == nil:
		return nil, leave, nil
	}
	leave()
	switch {
	case errors.Is(err, store.ErrAlone) && with != alone:
		return nil, nothing, err
	case ctx.Err() != nil:
		return nil, nothing, endOfWait(context.Cause(ctx))
	default:
		return nil, nothing, &queue.RetryError{After: time.Second, Err: err}
	}
}

// record claims an attempt in the record, unless that is done when it ends.
func (r *Runner) record(ctx context.Context, d *delivery, with company) (a store.Attempt, ok bool, err error) {
	d.traced.Store(true)
	if with == amongOthers && d.isTiny() {
		return store.Unrecorded(d.run, r.worker), true, nil
	}
	err = r.phase(ctx, "claim", func(ctx context.Context) error {
		if with == despiteOthers {
			a, ok, err = r.records.ClaimInCompany(ctx, d.run, r.worker)
			return err
		}
		a, ok, err = r.records.Claim(ctx, d.run, r.worker, with == alone)
		return err
	})
	return a, ok, err
}

// isTiny tells that to claim the run would take about as long as to compute it, that nobody else has had it, and that its result is small enough to be
// published with the record.
func (d *delivery) isTiny() bool {
	if d.run.FirstQueued.IsZero() || classOf(queueOf(d.run)) != job.Small || d.err != nil || d.price() > tiny {
		return false
	}
	size := d.estimate.Bytes
	return size != nil && size.IsInt64() && size.Int64() <= result.InlineLimit
}

func (r *Runner) claimed(d *delivery, attempt int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d.attempt = attempt
}

// endOfWait is what the queue is told of a delivery that has ended before its attempt has begun.
func endOfWait(cause error) error {
	switch {
	case errors.Is(cause, errAbandoned):
		return nil
	case errors.Is(cause, errNotAlone):
		return &queue.BusyError{After: busyPause}
	default:
		return queue.ErrReleased
	}
}
