package verify_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/verify"
)

func TestWhatIsFollowedReadsTheSame(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	digits := strings.Repeat("9876543210", 300_000)
	want := write(t, digits, func() int { return len(digits) }).Result()

	digest, err := verify.NewDigest()
	if err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 100_000) // is used again for each piece, as writers may
	started := 0
	start := func(work func()) { started++; go work() }
	err = verify.FollowOn(start, digest, 2, func(w io.Writer) error {
		for rest := digits; rest != ""; {
			n := copy(piece[:1+rnd.IntN(len(piece))], rest)
			if _, err := w.Write(piece[:n]); err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, digest.Result()); diff != "" {
		t.Errorf("the result differs (-want +got):\n%s", diff)
	}
	if started != 1 {
		t.Errorf("%d goroutines were started as told, want 1", started)
	}
}

// refusing is a Text that takes some pieces and no more.
type refusing struct {
	verify.Text
	left int
}

var errRefused = errors.New("no more")

func (r *refusing) Write(p []byte) (int, error) {
	if r.left--; r.left < 0 {
		return 0, errRefused
	}
	return len(p), nil
}

func (r *refusing) Result() job.Result { return job.Result{} }

func TestBothErrorsAreTold(t *testing.T) {
	t.Parallel()
	var writing error
	piece := make([]byte, 1<<18)
	err := verify.Follow(&refusing{left: 10}, 2, func(w io.Writer) error {
		for range 100 {
			if _, writing = w.Write(piece); writing != nil {
				return writing
			}
		}
		return nil
	})
	if writing == nil {
		t.Error("all was taken, although nobody read it")
	}
	if !errors.Is(err, errRefused) || !errors.Is(err, writing) {
		t.Errorf("got %v, want both that it was refused and why", err)
	}
}
