package runner

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"numbermill/shared/bignum"
	"numbermill/shared/function"
	"numbermill/shared/job"
	"numbermill/shared/verify"
)

// A kernel returns a value that is off by one: the digits are wrong, found out, and computed again without assembly.
func TestAFaultInAKernelIsFoundAndMended(t *testing.T) {
	t.Parallel()
	for _, after := range []int64{0, 40} {
		t.Run(fmt.Sprintf("after %d calls", after), func(t *testing.T) {
			t.Parallel()
			x := setUp(t)
			var said bytes.Buffer
			x.runner.logger = slog.New(slog.NewTextHandler(&said, nil))
			spans := tracetest.NewSpanRecorder()
			x.runner.tracer = trace.NewTracerProvider(trace.WithSpanProcessor(spans)).Tracer(scope)
			x.runner.fault = &bignum.Fault{After: after}
			s := x.Submit("factorial", "n=5000", function.DefaultMethod)
			if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
				t.Fatal(err)
			}
			r := x.WantState(s, job.Succeeded)
			sum := sha256.Sum256([]byte(new(big.Int).MulRange(1, 5000).String()))
			if r.Result == nil || r.Result.SHA256 != hex.EncodeToString(sum[:]) || r.Attempt != 1 {
				t.Errorf("got %+v in attempt %d, want the right digits in the first", r.Result, r.Attempt)
			}
			x.WantFiles(1)
			for _, part := range []string{"level=ERROR", "the result is wrong", "5000! is", "level=WARN", "portable kernels give a right result"} {
				if !strings.Contains(said.String(), part) {
					t.Errorf("the log lacks %q:\n%s", part, said.String())
				}
			}
			if got := eventsOf(spans); got != "wrong result" {
				t.Errorf("the spans have the events %q, want one wrong result", got)
			}
		})
	}
}

// eventsOf names the events of spans that ended well, in order.
func eventsOf(spans *tracetest.SpanRecorder) string {
	var names []string
	for _, span := range spans.Ended() {
		for _, event := range span.Events() {
			if span.Status().Code != codes.Error {
				names = append(names, event.Name)
			}
		}
	}
	return strings.Join(names, ", ")
}

func TestAFaultInAllKernelsIsNeverPublished(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.runner.fault = &bignum.Fault{Portable: true}
	s := x.Submit("factorial", "n=5000", function.DefaultMethod)
	if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
		t.Errorf("got %v, want nil: it has been tried again already", err)
	}
	r := x.WantState(s, job.Failed)
	if r.Failure == nil || r.Failure.Code != "verification-failed" || r.Result != nil || r.Attempt != 1 {
		t.Errorf("got failure %+v and result %+v in attempt %d", r.Failure, r.Result, r.Attempt)
	}
	x.WantFiles(0)
	if stored, err := x.Records.IsStored(t.Context(), s.Run.Fingerprint); err != nil || stored {
		t.Errorf("the wrong result is stored: %v, %v", stored, err)
	}
	x.runner.fault = nil
	again := x.Submit("factorial", "n=5000", function.DefaultMethod)
	if _, err := x.runner.Handle(t.Context(), again.Run); err != nil {
		t.Fatal(err)
	}
	x.WantState(again, job.Succeeded)
}

// In the middle of a Fibonacci number a fault may make a difference negative, which is no number at all.
func TestAComputationThatBreaksDownIsDoneAgain(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	for n := range 20 {
		x.runner.fault = &bignum.Fault{After: int64(n)}
		s := x.small(strconv.Itoa(60_000 + n))
		if _, err := x.runner.Handle(t.Context(), s.Run); err != nil {
			t.Fatal(err)
		}
		if r := x.WantState(s, job.Succeeded); r.Attempt != 1 {
			t.Errorf("fault after %d calls: it took %d attempts", n, r.Attempt)
		}
	}
}

func TestAWrongResultIsNotTriedForEver(t *testing.T) {
	t.Parallel()
	why, permanent := explain(fmt.Errorf("verify: %w", verify.ErrMismatch))
	if why.Code != "verification-failed" || why.Detail == "" || !permanent {
		t.Errorf("got %+v, permanent %v, want it to fail for good", why, permanent)
	}
	if isWrong(errDisk) || !isWrong(errors.Join(errDisk, verify.ErrMismatch)) {
		t.Error("other errors count as wrong results, or wrong results do not")
	}
}
