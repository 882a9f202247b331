package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"numbermill/shared/job"
	"numbermill/shared/verify"
)

// fake is a number that writes whatever it is made to, and may stop its own attempt.
type fake struct {
	write func(w io.Writer, stop func()) error
	stop  func()
}

// WriteText writes what it is made to.
func (n fake) WriteText(_ context.Context, w io.Writer, _ func(float64)) (int64, error) {
	return 0, n.write(w, n.stop)
}

// digits are more than a record holds.
var digits = strings.Repeat("1234567890", 500)

var (
	errPanic = errors.New("panic")
	errDisk  = errors.New("no luck")
)

// Whatever goes wrong while digits are written or checked, none stay behind.
func TestNothingStaysOfDigitsThatAreNotPublished(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		write func(w io.Writer, stop func()) error
		want  error
	}{
		"wrong digits":        {func(w io.Writer, _ func()) error { return put(w, digits) }, verify.ErrMismatch},
		"few wrong digits":    {func(w io.Writer, _ func()) error { return put(w, "144") }, verify.ErrMismatch},
		"an error in between": {func(w io.Writer, _ func()) error { return errors.Join(put(w, digits), errDisk) }, errDisk},
		"a panic": {func(w io.Writer, _ func()) error {
			_ = put(w, digits)
			panic("no luck")
		}, errPanic},
		"an attempt that is stopped": {func(w io.Writer, stop func()) error {
			err := put(w, digits)
			stop()
			return err
		}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := setUp(t)
			if err := x.writeAndVerify(c.write); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			x.wantFiles(0)
		})
	}
}

func put(w io.Writer, digits string) error {
	_, err := io.WriteString(w, digits)
	return err
}

// writeAndVerify does that part of an attempt at F(100), with another number in its place.
func (x *fixture) writeAndVerify(write func(w io.Writer, stop func()) error) (err error) {
	x.t.Helper()
	s := x.submit("fibonacci", map[string]string{"n": "100"})
	a, ok, err := x.records.Claim(x.t.Context(), s.Run, "worker")
	if err != nil || !ok {
		x.t.Fatal(ok, err)
	}
	f, args, err := lookUp(a.Run.Spec)
	if err != nil {
		x.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(x.t.Context())
	defer stop()
	r := newReporter(ctx, x.records, a, slog.New(slog.DiscardHandler), stop)
	defer r.stop()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	_, _, err = x.runner.writeAndVerify(ctx, a, f, args, fake{write, stop}, r)
	return err
}

func TestAWrongResultIsToldOfAndTriedAgain(t *testing.T) {
	t.Parallel()
	why, permanent := explain(fmt.Errorf("verify: %w", verify.ErrMismatch))
	if want := (job.Failure{Code: "verification-failed", Detail: why.Detail}); why != want || permanent {
		t.Errorf("got %+v, permanent %v, want %+v, to be tried again", why, permanent, want)
	}
}
