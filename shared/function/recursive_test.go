package function

import (
	"context"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"
)

// finish advances e by so many units at a time, and returns its result and the units of work in all.
func finish(e evaluation, units uint64) (result counted, worked uint64) {
	for done := false; !done; {
		var some uint64
		some, done = e.advance(units)
		worked += some
	}
	return e.result(), worked
}

// plainly counts the calls of a function that is written down as it is defined.
var plainly = map[string]func(a Args) uint64{
	"fibonacci":     func(a Args) uint64 { return plainFibonacci(a.get("n").Uint64()) },
	"fibonacci-sum": plainFibonacciSum,
	"factorial":     func(a Args) uint64 { return a.get("n").Uint64() + 1 },
	"ackermann": func(a Args) uint64 {
		calls := uint64(0)
		plainAckermann(a.get("m").Uint64(), a.get("n").Uint64(), &calls)
		return calls
	},
}

func plainFibonacci(n uint64) (calls uint64) {
	if n < 2 {
		return 1
	}
	return 1 + plainFibonacci(n-1) + plainFibonacci(n-2)
}

func plainFibonacciSum(a Args) (calls uint64) {
	for i := range a.get("n").Uint64() + 1 {
		calls += plainFibonacci(i)
	}
	return calls
}

func plainAckermann(m, n uint64, calls *uint64) uint64 {
	*calls++
	switch {
	case m == 0:
		return n + 1
	case n == 0:
		return plainAckermann(m-1, 1, calls)
	}
	return plainAckermann(m-1, plainAckermann(m, n-1, calls), calls)
}

func TestRecursiveAgreesWithFast(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		function, m string
		most        int // the largest n
	}{
		{"fibonacci", "", 26},
		{"fibonacci-sum", "", 24},
		{"factorial", "", 300},
		{"ackermann", "0", 40},
		{"ackermann", "1", 40},
		{"ackermann", "2", 40},
		{"ackermann", "3", 7},
		{"ackermann", "4", 0},
	} {
		t.Run(test.function+test.m, func(t *testing.T) {
			t.Parallel()
			f, _ := Lookup(test.function)
			for n := range test.most + 1 {
				given := map[string]string{"n": strconv.Itoa(n)}
				if test.m != "" {
					given["m"] = test.m
				}
				a, err := f.ParseText(given)
				if err != nil {
					t.Fatal(err)
				}
				checkRecursive(t, f, a)
			}
		})
	}
}

// checkRecursive compares value and calls with what other means say.
func checkRecursive(t *testing.T, f *Function, a Args) {
	t.Helper()
	slow, err := f.Compute(t.Context(), a, "recursive", Options{})
	if err != nil {
		t.Fatal(err)
	}
	fast, err := f.Compute(t.Context(), a, DefaultMethod, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := digitsOf(t, slow), digitsOf(t, fast); got != want {
		t.Errorf("%s = %s step by step, want %s", f.Label(a), got, want)
	}
	result, ok := slow.(Counted)
	if !ok {
		t.Fatalf("a result of type %T does not know its calls", slow)
	}
	if got, want := result.Calls(), plainly[f.Name](a); got != want {
		t.Errorf("%s took %d calls, want %d", f.Label(a), got, want)
	}
}

// TestRecursiveAtAnyArguments takes those that no loop over small numbers meets.
func TestRecursiveAtAnyArguments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		function, args string
		calls          uint64
	}{
		{"factorial", "n=3000", 3001},
		{"ackermann", "m=0 n=18446744073709551615", 1},
		{"ackermann", "m=0 n=4611686018427387904", 1},
		{"ackermann", "m=0 n=4611686018427387905", 1},
		{"ackermann", "m=0 n=10^999", 1},
		{"ackermann", "m=1 n=1000000", 2_000_002},
		{"ackermann", "m=3 n=10", 44_698_325}, // as others have counted
		{"fibonacci", "n=35", 29_860_703},     // likewise
	} {
		f, a := parseRow(t, test.function, test.args)
		slow, err := f.Compute(t.Context(), a, "recursive", Options{})
		if err != nil {
			t.Fatal(err)
		}
		fast, err := f.Compute(t.Context(), a, DefaultMethod, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := digitsOf(t, slow), digitsOf(t, fast); got != want {
			t.Errorf("%s = %s step by step, want %s", f.Label(a), got, want)
		}
		if counted, ok := slow.(Counted); !ok || counted.Calls() != test.calls {
			t.Errorf("%s: the result %#v does not know of %d calls", f.Label(a), slow, test.calls)
		}
	}
}

// TestRecursiveIsLimitedByCost takes what half an hour of a processor must and cannot do.
func TestRecursiveIsLimitedByCost(t *testing.T) {
	t.Parallel()
	limits := Limits{CostMillis: (30 * time.Minute).Milliseconds(), PeakBytes: 256 << 20, Digits: 100_000_000}
	for _, test := range []struct {
		function, args string
		want           Reason
	}{
		{"fibonacci", "n=49", ""},
		{"fibonacci", "n=54", ""},
		{"fibonacci", "n=60", ReasonCost},
		{"fibonacci", "n=200", ReasonCost},
		{"fibonacci", "n=10^8", ReasonCost},
		{"fibonacci-sum", "n=47", ""},
		{"fibonacci-sum", "n=60", ReasonCost},
		{"factorial", "n=10^6", ""},
		{"factorial", "n=10^7", ReasonCost},
		{"ackermann", "m=0 n=10^999", ""},
		{"ackermann", "m=1 n=10^11", ""},
		{"ackermann", "m=1 n=10^18", ReasonCost},
		{"ackermann", "m=1 n=10^999", ReasonCost},
		{"ackermann", "m=2 n=10^5", ""},
		{"ackermann", "m=2 n=10^999", ReasonCost},
		{"ackermann", "m=3 n=14", ""},
		{"ackermann", "m=3 n=20", ReasonCost},
		{"ackermann", "m=3 n=10^8", ReasonCost},
		{"ackermann", "m=4 n=1", ""},
		{"ackermann", "m=4 n=2", ReasonCost},
		{"ackermann", "m=5 n=0", ""},
		{"ackermann", "m=5 n=1", ReasonNotRepresentable},
	} {
		f, a := parseRow(t, test.function, test.args)
		if got, _ := f.Estimate(a, "recursive").Exceeds(limits); got != test.want {
			t.Errorf("%s is refused for %q, want %q", f.Label(a), got, test.want)
		}
	}
}

func TestRecursiveEstimatesGrow(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"fibonacci", "fibonacci-sum", "factorial", "ackermann m=0", "ackermann m=1", "ackermann m=2", "ackermann m=3", "ackermann m=4"} {
		name, args, _ := strings.Cut(text, " ")
		f, a := parseRow(t, name, args+" n=0")
		m, _ := f.Method("recursive")
		last := price{}
		for n := range int64(2000) {
			got := m.cost(a.withLast(big.NewInt(n)), nil)
			if got.millis < last.millis || got.peak < last.peak || !(got.millis > 0) {
				t.Errorf("%s, n = %d: the price %v follows %v", text, n, got, last)
			}
			last = got
		}
	}
}

// TestRecursiveProgress follows a computation, and cancels another that has no end.
func TestRecursiveProgress(t *testing.T) {
	t.Parallel()
	f, a := parseRow(t, "fibonacci", "n=34")
	var told []string
	last := 0.0
	_, err := f.Compute(t.Context(), a, "recursive", Options{Progress: func(fraction float64, detail string) {
		if leap := fraction - last; leap > 0.2 {
			t.Errorf("progress leapt by %v to %q", leap, detail)
		}
		last = fraction
		told = append(told, detail)
	}})
	if err != nil || len(told) < 10 || told[1] != "0 of 18,454,929 calls" || told[2] != "1,048,576 of 18,454,929 calls" {
		t.Errorf("progress said %q; error %v", told, err)
	}

	f, a = parseRow(t, "ackermann", "m=4 n=2")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told = nil
	_, err = f.Compute(ctx, a, "recursive", Options{Progress: func(fraction float64, detail string) {
		told = append(told, detail)
		if fraction != 0 {
			t.Errorf("progress claims a share of %v of what has no end", fraction)
		}
		if len(told) == 5 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || len(told) != 5 || told[4] != "3,145,728 calls" {
		t.Errorf("progress said %q; error %v, want it to be cancelled", told, err)
	}
}

func TestReportsAreSomeThousand(t *testing.T) {
	t.Parallel()
	for _, whole := range []float64{1, 1 << 21, 1 << 40, 1 << 62} {
		e := &pretended{whole: whole}
		reports := 0
		_, err := recursion{work: whole, start: func() evaluation { return e }}.execute(t.Context(), Options{Progress: func(float64, string) { reports++ }})
		if err != nil || reports < 1 || reports > 4000 {
			t.Errorf("%d reports of %v units, want at most 4000; error %v", reports, whole, err)
		}
	}
}

// pretended is an evaluation that leaps further the longer it lasts.
type pretended struct{ worked, whole float64 }

func (p *pretended) advance(units uint64) (worked uint64, done bool) {
	leap := max(float64(units), p.worked/1e4)
	p.worked += leap
	return uint64(leap), p.worked >= p.whole
}
func (p *pretended) steps() uint64   { return uint64(p.worked) }
func (p *pretended) result() counted { return counted{} }

func TestGrouped(t *testing.T) {
	t.Parallel()
	for x, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		if got := grouped(big.NewInt(x)); got != want {
			t.Errorf("grouped(%d) = %q, want %q", x, got, want)
		}
	}
}
