package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel/codes"

	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/result"
	"numbermill/shared/store"
	"numbermill/shared/verify"
)

// errWrite marks failures of the result store.
var errWrite = errors.New("write digits")

// attempt computes, writes and verifies. digits are the result's if it names no blob. On an error nothing stays in the store. stale is
// called when the attempt turns out to be somebody else's by now.
func (r *Runner) attempt(ctx context.Context, a store.Attempt, stale func()) (res job.Result, digits string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	f, args, err := lookUp(a.Run.Spec)
	if err != nil {
		return res, "", err
	}
	started := time.Now()
	cpu := startCPUClock()
	defer cpu.stop()
	report := newReporter(ctx, r.records, a, r.logger, stale)
	defer report.stop()

	var n function.Result
	err = r.phase(ctx, "compute", func(ctx context.Context) (err error) {
		n, err = f.Compute(ctx, args, a.Run.Spec.Method, function.Options{Progress: report.compute, Threads: r.threads})
		return err
	})
	if err != nil {
		return res, "", err
	}
	computed := time.Now()
	res, digits, err = r.writeAndVerify(ctx, a, f, args, n, report)
	if err != nil {
		return res, "", err
	}
	ended := time.Now()
	res.Timing = job.Timing{
		Queue: ms(started.Sub(a.QueuedAt)), Compute: ms(computed.Sub(started)), Write: ms(ended.Sub(computed)),
	}
	res.CPUMillis = cpu.elapsed().Milliseconds()
	return res, digits, nil
}

func lookUp(s job.Spec) (*function.Function, function.Args, error) {
	f, ok := function.Lookup(s.Function)
	if !ok {
		return nil, function.Args{}, fmt.Errorf("%w %q", errUnknownFunction, s.Function)
	}
	args, err := f.ParseText(s.Args)
	if err != nil {
		return nil, function.Args{}, fmt.Errorf("arguments of %s: %w", s.Function, err)
	}
	return f, args, nil
}

func (r *Runner) writeAndVerify(ctx context.Context, a store.Attempt, f *function.Function, args function.Args, n function.Result, report *reporter) (res job.Result, digits string, err error) {
	text, err := newText(f, a.Run.Spec.Method)
	if err != nil {
		return res, "", err
	}
	out := newSpill(ctx, r.results, result.Key(a.Run.Fingerprint, a.Run.ID, a.Number))
	keep := false
	defer func() { // also after a panic
		if !keep {
			err = errors.Join(err, out.discard(ctx))
		}
	}()
	err = r.phase(ctx, "write", func(ctx context.Context) error {
		if _, err := n.WriteText(ctx, io.MultiWriter(text, out), report.write); err != nil {
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
	if counting, ok := n.(interface{ Calls() uint64 }); ok {
		res.Calls = counting.Calls()
	}
	err = r.phase(ctx, "verify", func(ctx context.Context) (err error) {
		report.verify()
		res.Verification, err = text.Check(ctx, f, args, a.Run.Spec.Method)
		return err
	})
	keep = err == nil
	return res, string(out.inline), err
}

// newText is for the result of a method.
func newText(f *function.Function, method string) (verify.Text, error) {
	m, ok := f.Method(method)
	if !ok {
		return nil, function.ErrUnknownMethod
	}
	return verify.NewText(m.Kind)
}

// phase runs part of an attempt in a span of its own.
func (r *Runner) phase(ctx context.Context, name string, run func(context.Context) error) error {
	ctx, span := r.tracer.Start(ctx, name)
	defer span.End()
	err := run(ctx)
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	return err
}

func ms(d time.Duration) float64 { return float64(max(d, 0).Microseconds()) / 1000 }
