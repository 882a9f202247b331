package verify_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/verify"
)

func TestAsideReadsTheSame(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	digits := strings.Repeat("9876543210", 50_000)
	want := write(t, digits, func() int { return len(digits) }).Result()

	digest, err := verify.NewDigest()
	if err != nil {
		t.Fatal(err)
	}
	aside := verify.NewAside(digest)
	piece := make([]byte, 10_000) // is used again for each piece, as writers may
	for rest := digits; rest != ""; {
		n := copy(piece[:1+rnd.IntN(len(piece))], rest)
		if got, err := aside.Write(piece[:n]); got != n || err != nil {
			t.Fatalf("wrote %d of %d bytes: %v", got, n, err)
		}
		rest = rest[n:]
	}
	for range 2 {
		if err := aside.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, digest.Result()); diff != "" {
		t.Errorf("the result differs (-want +got):\n%s", diff)
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

func TestAsideTellsWhenTheTextIsRefused(t *testing.T) {
	t.Parallel()
	aside := verify.NewAside(&refusing{left: 5})
	var err error
	for range 100 {
		if _, err = aside.Write([]byte("12345")); err != nil {
			break
		}
	}
	if err == nil {
		t.Error("all was taken, although nobody read it")
	}
	if err := aside.Close(); !errors.Is(err, errRefused) {
		t.Errorf("got %v, want why it was refused", err)
	}
}
