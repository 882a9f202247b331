package function

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"numbermill/shared/bignum"
)

// everyMethod yields every function of the catalogue with the name of each of its methods.
func everyMethod(yield func(f *Function, method string) bool) {
	for _, f := range All() {
		for _, m := range f.Methods {
			if !yield(f, m.Name) {
				return
			}
		}
	}
}

// exampleArgs reads the arguments of an example.
func exampleArgs(t *testing.T, f *Function, e Example) Args {
	t.Helper()
	a, err := f.ParseText(e.Args)
	if err != nil {
		t.Fatalf("example %v: %v", e.Args, err)
	}
	return a
}

// patience is the cost up to which the suite computes examples, in milliseconds.
const patience = 1500

func TestDescriptions(t *testing.T) {
	t.Parallel()
	for _, f := range All() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(f.Name) {
				t.Errorf("the name %q does not suit a URL", f.Name)
			}
			if f.Methods[0].Name != DefaultMethod {
				t.Errorf("the first method is %q, want %q", f.Methods[0].Name, DefaultMethod)
			}
			if f.Sequence != "" && !regexp.MustCompile(`^A\d{6}$`).MatchString(f.Sequence) {
				t.Errorf("%q is no number of the OEIS", f.Sequence)
			}
			texts := []string{f.Title, f.Summary, f.Definition, f.CostFormula}
			for _, p := range f.Parameters {
				texts = append(texts, p.Title, p.Description)
				if !strings.Contains(f.Notation, "{"+p.Name+"}") {
					t.Errorf("the notation %q lacks %s", f.Notation, p.Name)
				}
				if len(p.Examples) == 0 {
					t.Errorf("parameter %s has no examples", p.Name)
				}
			}
			for _, m := range f.Methods {
				texts = append(texts, m.Title, m.Description)
			}
			if slices.Contains(texts, "") {
				t.Errorf("a title, description or formula is missing among %q", texts)
			}
		})
	}
}

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
				if f.Estimate(a, method).CostMillis <= patience {
					checkComputation(t, f, a, method, e.SHA256)
				}
			}
		})
	}
}

// checkComputation computes f(a) and compares digits, digit count, residues and progress with what was announced.
func checkComputation(t *testing.T, f *Function, a Args, method, sha256 string) {
	t.Helper()
	watch := newWatch(t, f.Label(a)+", computing")
	n, err := f.Compute(t.Context(), a, method, func(fraction float64, detail string) {
		if detail == "" {
			t.Error("progress without a word of detail")
		}
		watch.tell(fraction)
	})
	if err != nil {
		t.Fatal(err)
	}
	watch.finish()
	seed := rand.Uint64()
	moduli := []uint64{1_000_000_007, 1<<60 + seed>>4}
	residues := []*bignum.Residue{bignum.NewResidue(moduli[0]), bignum.NewResidue(moduli[1])}
	var digits strings.Builder
	watch = newWatch(t, f.Label(a)+", writing")
	if _, err := n.WriteDecimal(t.Context(), io.MultiWriter(&digits, residues[0], residues[1]), watch.tell); err != nil {
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
		if got := residues[i].Value(); err != nil || got != want {
			t.Errorf("%s mod %d = %d from the digits, want %d; error %v", f.Label(a), modulus, got, want, err)
		}
	}
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

// sizable returns arguments that take about the given CPU time: those of the last example, with its last argument made to fit.
func sizable(t *testing.T, f *Function, method string, millis int64) Args {
	t.Helper()
	a, ok := f.LargestAdmissible(exampleArgs(t, f, f.Examples[len(f.Examples)-1]), method, Limits{CostMillis: millis})
	if !ok {
		t.Fatalf("not even 0 takes less than %d ms", millis)
	}
	return a
}

// TestProgressLeaps sees that a computation that one has to wait for tells of itself often.
func TestProgressLeaps(t *testing.T) {
	t.Parallel()
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			a := sizable(t, f, method, 1500)
			leap, last, start := 0.0, 0.0, time.Now()
			_, err := f.Compute(t.Context(), a, method, func(fraction float64, _ string) {
				leap, last = max(leap, fraction-last), fraction
			})
			const most, noticeable = 0.1, 200 * time.Millisecond
			if err != nil || (leap > most && time.Since(start) > noticeable) {
				t.Errorf("progress on %s leapt by %.2f, want at most %.2f; error %v", f.Label(a), leap, most, err)
			}
		})
	}
}

func TestCancelStopsComputing(t *testing.T) {
	t.Parallel()
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			a := sizable(t, f, method, 20_000)
			for _, share := range []float64{0, 0.02, 0.1} {
				stopsWithin(t, share, func(ctx context.Context, tell func(float64)) error {
					_, err := f.Compute(ctx, a, method, func(fraction float64, _ string) { tell(fraction) })
					return err
				})
			}
		})
	}
}

func TestCancelStopsWriting(t *testing.T) {
	t.Parallel()
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			n, err := f.Compute(t.Context(), sizable(t, f, method, 1500), method, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, share := range []float64{0, 0.1, 0.4} {
				stopsWithin(t, share, func(ctx context.Context, tell func(float64)) error {
					_, err := n.WriteDecimal(ctx, io.Discard, tell)
					return err
				})
			}
		})
	}
}

// stopsWithin runs work, cancels its context some milliseconds after it has told the share, and checks that it returns the context's error
// soon, or has ended by then.
func stopsWithin(t *testing.T, share float64, work func(ctx context.Context, tell func(float64)) error) {
	t.Helper()
	const most = 250 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cancelled := make(chan time.Time, 1)
	armed := false
	err := work(ctx, func(fraction float64) {
		if fraction >= share && !armed {
			armed = true
			time.AfterFunc(rand.N(10*time.Millisecond), func() {
				cancelled <- time.Now()
				cancel()
			})
		}
	})
	end := time.Now()
	if err == nil {
		return
	}
	if late := end.Sub(<-cancelled); !errors.Is(err, context.Canceled) || late > most {
		t.Errorf("cancelled at %v: it returned %v later, want at most %v: %v", share, late, most, err)
	}
}

func TestCancelledBeforeItBegins(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			a := sizable(t, f, method, 1000)
			if _, err := f.Compute(ctx, a, method, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("got the error %v, want context.Canceled", err)
			}
		})
	}
}

func TestLargestAdmissibleIsTheBorder(t *testing.T) {
	t.Parallel()
	limits := []Limits{
		{CostMillis: 1},
		{CostMillis: 10_000},
		{CostMillis: math.MaxInt64 - 1},
		{Digits: 1000},
		{Digits: 1_000_000_000},
		{PeakBytes: 500 << 20},
		{CostMillis: 100_000, Digits: 2_000_000, PeakBytes: 1 << 40},
		{},
	}
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			a := exampleArgs(t, f, f.Examples[len(f.Examples)-1])
			for _, l := range limits {
				got, ok := f.LargestAdmissible(a, method, l)
				if !ok {
					t.Errorf("nothing is within %+v", l)
					continue
				}
				if reason, exceeds := f.Estimate(got, method).Exceeds(l); exceeds {
					t.Errorf("%s is not within %+v: %s", f.Label(got), l, reason)
				}
				last := got.values[len(got.values)-1]
				next := new(big.Int).Add(last, new(big.Int).Lsh(one, uint(max(last.BitLen()-significantBits, 0))))
				if _, exceeds := f.Estimate(got.withLast(next), method).Exceeds(l); !exceeds && next.Cmp(tooManyDigits) < 0 {
					t.Errorf("%s is not the largest within %+v", f.Label(got), l)
				}
			}
			if got, ok := f.LargestAdmissible(a, method, Limits{PeakBytes: 1}); ok {
				t.Errorf("%s is within a single byte", f.Label(got))
			}
		})
	}
}

// TestHugeArguments takes every combination of small and astronomical arguments: all must be answered at once.
func TestHugeArguments(t *testing.T) {
	t.Parallel()
	values := []string{"0", "1", "3", "4", "5", "10^18", "2^64", "1e300", "10^999", strings.Repeat("9", maxArgumentDigits)}
	for f, method := range everyMethod {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			count := int(math.Pow(float64(len(values)), float64(len(f.Parameters))))
			for i := range count {
				given := map[string]string{}
				for _, p := range f.Parameters {
					given[p.Name] = values[i%len(values)]
					i /= len(values)
				}
				a, err := f.ParseText(given)
				if err != nil {
					t.Fatal(err)
				}
				checkHuge(t, f, a, method)
			}
		})
	}
}

func checkHuge(t *testing.T, f *Function, a Args, method string) {
	t.Helper()
	e := f.Estimate(a, method)
	for _, x := range []float64{float64(e.CostMillis), float64(e.PeakBytes), e.Seconds[0], e.Seconds[1]} {
		if !(x > 0 && x <= math.MaxInt64) {
			t.Errorf("%s has an estimate that is not finite and positive: %+v", f.Label(a), e)
		}
	}
	_, residueErr := f.Residue(t.Context(), a, 1_000_003)
	if e.Digits == nil {
		if _, err := f.Compute(t.Context(), a, method, nil); !errors.Is(err, ErrNotRepresentable) || !errors.Is(residueErr, ErrNotRepresentable) {
			t.Errorf("%s cannot be written down, but the errors are %v and %v", f.Label(a), err, residueErr)
		}
		return
	}
	if residueErr != nil {
		t.Errorf("the residue of %s: %v", f.Label(a), residueErr)
	}
	if e.Digits.Cmp(big.NewInt(maxDigits)) > 0 {
		if _, err := f.Compute(t.Context(), a, method, nil); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s has %v digits, but the error is %v", f.Label(a), e.Digits, err)
		}
	} else if e.CostMillis <= patience {
		checkComputation(t, f, a, method, "")
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	for _, f := range All() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			compiler := jsonschema.NewCompiler()
			text, err := json.Marshal(f.Schema())
			if err != nil {
				t.Fatal(err)
			}
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			if err := compiler.AddResource("args.json", document); err != nil {
				t.Fatal(err)
			}
			schema, err := compiler.Compile("args.json")
			if err != nil {
				t.Fatalf("not a JSON Schema: %v", err)
			}
			good := map[string]any{}
			for _, p := range f.Parameters {
				good[p.Name] = p.Examples[0]
				for _, example := range p.Examples {
					if _, err := parseNumber(example); err != nil {
						t.Errorf("the example %q of %s: %v", example, p.Name, err)
					}
				}
			}
			if err := schema.Validate(good); err != nil {
				t.Errorf("%v: %v", good, err)
			}
			last := f.Parameters[len(f.Parameters)-1].Name
			for _, value := range []any{json.Number("1e6"), json.Number("2.0"), "1_000 000", " 7\n"} {
				if err := schema.Validate(with(good, last, value)); err != nil {
					t.Errorf("%v: %v", value, err)
				}
			}
			for _, value := range []any{json.Number("1.5"), json.Number("-1"), "", "1,000", "1e6.5", true, nil} {
				if schema.Validate(with(good, last, value)) == nil {
					t.Errorf("the schema lets %v through", value)
				}
			}
			if schema.Validate(with(good, "unheard-of", "1")) == nil || schema.Validate(map[string]any{}) == nil {
				t.Error("the schema lets an unknown or a missing argument through")
			}
		})
	}
}

func with(m map[string]any, key string, value any) map[string]any {
	m = maps.Clone(m)
	m[key] = value
	return m
}

func TestFingerprintsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, f := range All() {
		for _, m := range f.Methods {
			for n := range 50 {
				given := map[string]string{}
				for i, p := range f.Parameters {
					given[p.Name] = strconv.Itoa(n * (i + 1) % 47)
				}
				a, err := f.ParseText(given)
				if err != nil {
					t.Fatal(err)
				}
				what := f.Name + " " + m.Name + " " + a.String()
				fingerprint := f.Fingerprint(a, m.Name)
				if other, taken := seen[fingerprint]; taken && other != what {
					t.Errorf("%s and %s have the same fingerprint", what, other)
				}
				if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(fingerprint) {
					t.Errorf("the fingerprint of %s is %q", what, fingerprint)
				}
				seen[fingerprint] = what
			}
		}
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	var got []string
	for _, f := range All() {
		got = append(got, f.Name)
	}
	want := []string{"fibonacci", "fibonacci-sum", "factorial", "ackermann"}
	if !slices.Equal(got[:len(want)], want) {
		t.Errorf("the catalogue begins %q, want %q", got, want)
	}
}

func TestRegisterRefusesDuplicates(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a second fibonacci was registered")
		}
	}()
	register(&Function{Name: "fibonacci"})
}
