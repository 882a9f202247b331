package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"numbermill/shared/verify"
	"numbermill/worker/internal/workertest"
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
			x.WantFiles(0)
		})
	}
}

func put(w io.Writer, digits string) error {
	_, err := io.WriteString(w, digits)
	return err
}

// writeAndVerify does that part of an attempt at F(100), with another number in its place.
func (x *fixture) writeAndVerify(write func(w io.Writer, stop func()) error) (err error) {
	x.T.Helper()
	s := x.small("100")
	a := x.Claim(s.Run, "worker")
	what := prepare(a.Run.Spec)
	x.Must(what.err)
	ctx, stop := context.WithCancel(x.T.Context())
	defer stop()
	r := newReporter(ctx, x.Records, a, [3]float64{1, 0, 0}, workertest.Quiet(), stop)
	defer r.stop()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	t := attempt{Runner: x.runner, Attempt: a, prepared: what, report: r, tell: workertest.Quiet(), threads: 2}
	_, _, err = t.writeAndVerify(ctx, fake{write, stop})
	return err
}
