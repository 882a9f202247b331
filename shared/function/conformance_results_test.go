package function

import (
	"io"
	"maps"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"numbermill/shared/bignum"
)

// patience is the cost up to which the suite computes examples, in milliseconds.
const patience = 1500

func TestExamples(t *testing.T) {
	t.Parallel()
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			if len(f.Examples) == 0 {
				t.Fatal("there are no examples")
			}
			for _, e := range f.Examples {
				a := exampleArgs(t, f, e)
				if !maps.Equal(a.Canonical(), e.Args) {
					t.Errorf("example %v is canonically %v", e.Args, a.Canonical())
				}
				if e.Note == "" || strings.HasSuffix(e.Note, ".") {
					t.Errorf("the note %q is not one short sentence without its period", e.Note)
				}
				if _, exceeds := f.Estimate(a, method).Exceeds(Limits{CostMillis: patience, Digits: ordinaryDigits}); !exceeds {
					checkComputation(t, f, a, method, e.SHA256)
				}
			}
		})
	}
}

// checkComputation computes f(a) and compares digits, digit count, residues and progress with what was announced.
func checkComputation(t *testing.T, f *Function, a Args, method, sha256 string) {
	t.Helper()
	if f.Estimate(a, method).Kind == Document {
		checkDocument(t, f, a, method)
		return
	}
	n := watched(t, f, a, method)
	seed := rand.Uint64()
	moduli := []uint64{1_000_000_007, 1<<60 + seed>>4}
	residues := bignum.NewResidues(moduli...)
	var digits strings.Builder
	watch := newWatch(t, f.Label(a)+", writing")
	if _, err := n.WriteText(t.Context(), io.MultiWriter(&digits, residues), watch.tell); err != nil {
		t.Fatal(err)
	}
	watch.finish()
	if got := hash(digits.String()); sha256 != "" && got != sha256 {
		t.Errorf("%s has digits with the SHA-256 %s, want %s", f.Label(a), got, sha256)
	}
	if e := f.Estimate(a, method); e.Digits.Cmp(big.NewInt(int64(digits.Len()))) != 0 || e.Bytes.Cmp(e.Digits) != 0 {
		t.Errorf("%s has %d digits, announced %v and %v bytes", f.Label(a), digits.Len(), e.Digits, e.Bytes)
	}
	for i, modulus := range moduli {
		want, err := f.Residue(t.Context(), a, modulus)
		if got := residues.Values()[i]; err != nil || got != want {
			t.Errorf("%s mod %d = %d from the digits, want %d; error %v", f.Label(a), modulus, got, want, err)
		}
	}
}

// watched computes f(a) and follows the progress.
func watched(t *testing.T, f *Function, a Args, method string) Result {
	t.Helper()
	watch := newWatch(t, f.Label(a)+", computing")
	n, err := f.Compute(t.Context(), a, method, Options{Progress: func(fraction float64, detail string) {
		if detail == "" {
			t.Error("progress without a word of detail")
		}
		watch.tell(fraction)
	}})
	if err != nil {
		t.Fatal(err)
	}
	watch.finish()
	return n
}

// watch follows progress.
type watch struct {
	t    *testing.T
	what string
	last float64
}

func newWatch(t *testing.T, what string) *watch {
	t.Helper()
	return &watch{t: t, what: what}
}

func (w *watch) tell(fraction float64) {
	if !(fraction >= w.last && fraction <= 1) {
		w.t.Errorf("%s: progress went from %v to %v", w.what, w.last, fraction)
	}
	w.last = fraction
}

func (w *watch) finish() {
	w.t.Helper()
	if w.last != 1 {
		w.t.Errorf("%s: progress ended at %v, want 1", w.what, w.last)
	}
}
