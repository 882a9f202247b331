package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/processors"
	"numbermill/shared/result"
	"numbermill/shared/store"
	"numbermill/shared/verify"
	"numbermill/worker/internal/thread"
)

var (
	// errWrite marks failures of the result store.
	errWrite = errors.New("write digits")
	// errBroken marks a computation that came upon something impossible, such as a negative number.
	errBroken = errors.New("the computation broke down")
)

// attempt is one attempt under way.
type attempt struct {
	*Runner
	store.Attempt
	*prepared

	report  *reporter
	tell    *slog.Logger // for whoever has submitted the job
	threads int
	begin   func(work func()) // starts a goroutine; nil for a go statement
}

// attempt computes, writes and verifies; a result that turns out wrong is computed once more, on the portable kernels. digits are the
// result's if it names no blob. On an error nothing stays in the store. stale is called when the attempt turns out to be somebody else's by
// now.
//
// What is small is computed once there is a slot for it, what is not on threads of lower priority.
func (r *Runner) attempt(ctx context.Context, c *claim, tell *slog.Logger, stale func()) (res job.Result, digits string, err error) {
	defer processors.All()()
	class := classOf(c.Run.Queue)
	if class == job.Small {
		defer c.leaveSlots()
		giveBack, err := r.slots.take(ctx)
		if err != nil {
			return res, "", err
		}
		defer giveBack()
		return r.attemptOn(ctx, c, tell, 1, nil, stale)
	}
	begin := r.lower[class]
	thread.Do(begin, func() { res, digits, err = r.attemptOn(ctx, c, tell, r.threads, begin, stale) })
	return res, digits, err
}

// attemptOn is attempt on so many threads, with goroutines that begin starts.
func (r *Runner) attemptOn(ctx context.Context, c *claim, tell *slog.Logger, threads int, begin func(work func()), stale func()) (
	res job.Result, digits string, err error,
) {
	a, what := c.Attempt, c.of(c.Run.Spec)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if what.err != nil {
		return res, "", what.err
	}
	started := time.Now()
	cpu := r.cpu.open(threads)
	defer cpu.close()
	report := newReporter(ctx, r.records, a, what.shares(threads), r.logger, stale)
	defer report.stop()

	t := attempt{r, a, what, report, tell, threads, begin}
	res, digits, err = t.compute(ctx, false)
	if isWrong(err) && ctx.Err() == nil {
		r.tellOfWrongResult(ctx, a, err)
		tell.WarnContext(ctx, "the result did not pass its check, and is computed once more by other means")
		if res, digits, err = t.compute(ctx, true); err == nil {
			r.logger.WarnContext(ctx, "the portable kernels give a right result: distrust this machine, or the kernels that it uses",
				slog.String("computation", string(a.Run.Fingerprint)))
		}
	}
	if err != nil {
		return res, "", err
	}
	res.Timing.Queue = ms(started.Sub(a.QueuedAt))
	res.CPUMillis = cpu.used().Milliseconds()
	return res, digits, nil
}

// isWrong tells errors of the arithmetic from all others.
func isWrong(err error) bool { return errors.Is(err, verify.ErrMismatch) || errors.Is(err, errBroken) }

// tellOfWrongResult tells operators; nobody else ever sees such a result.
func (r *Runner) tellOfWrongResult(ctx context.Context, a store.Attempt, err error) {
	r.logger.ErrorContext(ctx, "the result is wrong; it is computed again on the portable kernels",
		slog.Any("error", err), slog.String("computation", string(a.Run.Fingerprint)), slog.Int64("attempt", a.Number))
	r.meters.wrong.Add(ctx, 1)
	trace.SpanFromContext(ctx).AddEvent("wrong result", trace.WithAttributes(attribute.String("error", err.Error())))
}

// compute makes one try, on the portable kernels if so wanted.
func (t *attempt) compute(ctx context.Context, portable bool) (res job.Result, digits string, err error) {
	started := time.Now()
	options := function.Options{Progress: t.report.compute, Threads: t.threads, Portable: portable, Go: t.begin, Fault: t.fault}
	if t.Recorded() { // else nobody follows it
		t.tell.InfoContext(ctx, "computing", slog.Int("threads", t.threads))
	}
	var n function.Result
	err = t.phase(ctx, "compute", func(ctx context.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("%w: panic: %v\n%s", errBroken, p, debug.Stack())
			}
		}()
		n, err = t.function.Compute(ctx, t.args, t.Run.Spec.Method, options)
		return err
	})
	if err != nil {
		return res, "", err
	}
	computed := time.Now()
	if res, digits, err = t.writeAndVerify(ctx, n); err != nil {
		return res, "", err
	}
	res.Timing = job.Timing{Compute: ms(computed.Sub(started)), Write: ms(time.Since(computed))}
	return res, digits, nil
}

func (t *attempt) writeAndVerify(ctx context.Context, n function.Result) (res job.Result, digits string, err error) {
	text, err := newText(t.function, t.Run.Spec.Method)
	if err != nil {
		return res, "", err
	}
	out := newSpill(ctx, t.results, result.Key(t.Run.Fingerprint, t.Run.ID, t.Number))
	keep := false
	defer func() { // also after a panic
		if !keep {
			err = errors.Join(err, out.discard(ctx))
		}
	}()
	if t.Recorded() {
		t.tell.InfoContext(ctx, "writing the result")
	}
	err = t.phase(ctx, "write", func(ctx context.Context) error {
		err := verify.FollowOn(t.goroutine, text, t.threads, func(reader io.Writer) error {
			_, err := n.WriteText(ctx, io.MultiWriter(reader, out), t.report.write)
			return err
		})
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return out.close()
	})
	if err != nil {
		return res, "", err
	}
	res = text.Result()
	res.Blob = out.blob()
	if counting, ok := n.(function.Counted); ok {
		res.Calls = counting.Calls()
	}
	err = t.phase(ctx, "verify", func(ctx context.Context) (err error) {
		t.report.verify()
		res.Verification, err = text.Check(ctx, t.function, t.args, t.Run.Spec.Method)
		return err
	})
	if keep = err == nil; keep {
		t.tellVerified(ctx, res)
	}
	return res, string(out.inline), err
}

// goroutine starts a goroutine as the attempt's class has them.
func (t *attempt) goroutine(work func()) {
	if t.begin == nil {
		go work()
		return
	}
	t.begin(work)
}

func (t *attempt) tellVerified(ctx context.Context, res job.Result) {
	if res.Verification.Method == job.ByFacts {
		t.tell.InfoContext(ctx, "verified: every statement was computed anew by other means", slog.Int64("bytes", res.Size()))
		return
	}
	t.tell.InfoContext(ctx, "verified: the digits and an independent computation agree modulo two primes", slog.Int64("digits", res.Digits),
		slog.String("moduli", strings.Trim(fmt.Sprint(res.Verification.Moduli), "[]")))
}

// newText is for the result of a method.
func newText(f *function.Function, method string) (verify.Text, error) {
	m, ok := f.Method(method)
	if !ok {
		return nil, function.ErrUnknownMethod
	}
	return verify.NewText(m.Kind)
}

func ms(d time.Duration) float64 { return float64(max(d, 0).Microseconds()) / 1000 }
