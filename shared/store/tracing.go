package store

import (
	"context"
	"errors"

	"github.com/redis/go-redis/extra/redisotel/v9"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/trace"

	"numbermill/shared/telemetry/spans"
)

// tracing has every command that belongs to a recorded span be a span of its own. What polls in the background makes none, and pays nothing.
//
// redisotel makes the spans, but it looks at every command, recorded or not, and formats all arguments of a pipeline only to name it. So it is
// the hook of a client that never connects, which sees the names of those commands alone that are to be spans.
type tracing struct{ names *redis.Client }

func newTracing(o redis.Options) (redis.Hook, error) {
	names := redis.NewClient(&o)
	err := redisotel.InstrumentTracing(names, redisotel.WithTracerProvider(spans.Children()), redisotel.WithDBStatement(false),
		redisotel.WithCallerEnabled(false), redisotel.WithDialFilter(true))
	if err != nil {
		return nil, errors.Join(err, names.Close())
	}
	names.AddHook(carryOut{})
	return tracing{names}, nil
}

// errUntraced cannot come about: every command of the client of names carries what is to be done.
var errUntraced = errors.New("a command without anything to do")

type callKey struct{}

// DialHook implements redis.Hook.
func (tracing) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (t tracing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !trace.SpanFromContext(ctx).IsRecording() {
			return next(ctx, cmd)
		}
		do := func(ctx context.Context) error { return next(ctx, cmd) }
		return t.names.Process(context.WithValue(ctx, callKey{}, do), redis.NewCmd(ctx, cmd.FullName()))
	}
}

// ProcessPipelineHook implements redis.Hook.
func (t tracing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if !trace.SpanFromContext(ctx).IsRecording() {
			return next(ctx, cmds)
		}
		do := func(ctx context.Context) error { return next(ctx, cmds) }
		pipe := t.names.Pipeline()
		for _, cmd := range cmds {
			_ = pipe.Process(ctx, redis.NewCmd(ctx, cmd.FullName())) // it only queues
		}
		_, err := pipe.Exec(context.WithValue(ctx, callKey{}, do))
		return err
	}
}

// carryOut is the last hook of the client of names: it does what the names stand for.
type carryOut struct{}

// DialHook implements redis.Hook.
func (carryOut) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (carryOut) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, _ redis.Cmder) error { return called(ctx) }
}

// ProcessPipelineHook implements redis.Hook.
func (carryOut) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, _ []redis.Cmder) error { return called(ctx) }
}

func called(ctx context.Context) error {
	if do, ok := ctx.Value(callKey{}).(func(context.Context) error); ok {
		return do(ctx)
	}
	return errUntraced
}
