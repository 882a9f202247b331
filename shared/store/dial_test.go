package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace/noop"

	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// TestCommandsAreSpansOfWhatIsRecorded changes what is global to the process, so nothing runs beside it.
func TestCommandsAreSpansOfWhatIsRecorded(t *testing.T) { //nolint:paralleltest // see above
	kept := tracetest.NewSpanRecorder()
	otel.SetTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(kept)))
	t.Cleanup(func() { otel.SetTracerProvider(noop.NewTracerProvider()) })
	rdb, err := store.Dial(redistest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	const secret = "a-secret-in-a-value"
	use := func(ctx context.Context) {
		rdb.Set(ctx, "key", secret, 0)
		rdb.Get(ctx, "nothing")
		rdb.LPush(ctx, "key", secret)
		_, _ = rdb.Pipelined(ctx, func(p redis.Pipeliner) error { return p.SAdd(ctx, "set", secret).Err() })
	}
	use(t.Context())
	ctx, root := otel.Tracer("test").Start(t.Context(), "root")
	use(ctx)
	root.End()
	use(ctx)
	var names []string
	for _, s := range kept.Ended() {
		names = append(names, s.Name())
		if s.Parent().SpanID() != root.SpanContext().SpanID() && s.Name() != "root" {
			t.Errorf("%s is no child of what was recorded", s.Name())
		}
		for _, a := range s.Attributes() {
			if strings.Contains(a.Value.String(), secret) {
				t.Errorf("%s tells in %s what was written", s.Name(), a.Key)
			}
		}
		if failed := s.Status().Code == codes.Error; failed != (s.Name() == "lpush") {
			t.Errorf("%s has the status %v", s.Name(), s.Status())
		}
	}
	if got := strings.Join(names, ", "); got != "set, get, lpush, redis.pipeline sadd, root" {
		t.Errorf("got the spans %s", got)
	}
}
