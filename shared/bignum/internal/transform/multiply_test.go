package transform

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"
)

func checkMultiply(t *testing.T, m *Multiplier, r *Run, x, y []uint64) {
	t.Helper()
	z := make([]uint64, len(x)+len(y))
	if err := m.Multiply(r, z, x, y); err != nil {
		t.Fatal(err)
	}
	if got, want := value(z), new(big.Int).Mul(value(x), value(y)); got.Cmp(want) != 0 {
		t.Errorf("%s kernels, %d threads: a wrong product of %d by %d limbs", m.Kernels(), r.Threads, len(x), len(y))
	}
}

// TestMultiplyAtEveryLength goes to both sides of each length of a transform.
func TestMultiplyAtEveryLength(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, m := range all(Longest) {
		for log := 4; log <= 10; log++ {
			for _, rows := range []int{3, 4, 5} {
				for limbs := rows<<log - 1; limbs <= rows<<log+2; limbs++ { // The product of n limbs has n − 1 coefficients.
					run := &Run{Context: t.Context(), Threads: 1 + limbs%3}
					short := 1 + r.IntN(limbs/2)
					checkMultiply(t, m, run, randomLimbs(r, limbs-short), randomLimbs(r, short))
					half := randomLimbs(r, limbs/2)
					checkMultiply(t, m, run, half, randomLimbs(r, limbs-limbs/2))
					checkMultiply(t, m, run, half, half)
				}
			}
		}
	}
}

func TestMultiplySmall(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, m := range all(Longest) {
		for x := 1; x < 40; x++ {
			for y := 1; y < 40; y += 1 + y/4 {
				checkMultiply(t, m, &Run{Context: t.Context(), Threads: 1}, randomLimbs(r, x), randomLimbs(r, y))
			}
		}
	}
}

// TestMultiplyOnThreads takes lengths that are cut in every way there is, and checks the products by their residues.
func TestMultiplyOnThreads(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	m := New(false, Longest)
	for _, limbs := range []int{5 << 12, 3 << 14, 1 << 16, 1<<18 + 1, 3 << 17} {
		x, y, z := randomLimbs(r, limbs/2), randomLimbs(r, limbs-limbs/2), make([]uint64, limbs)
		for threads := 1; threads <= 5; threads += 2 {
			run := &Run{Context: t.Context(), Threads: threads}
			if err := m.Multiply(run, z, x, y); err != nil {
				t.Fatal(err)
			}
			checkResidue(t, z, x, y)
			if err := m.Multiply(run, z[:2*len(x)], x, x); err != nil {
				t.Fatal(err)
			}
			checkResidue(t, z[:2*len(x)], x, x)
		}
	}
}

func checkResidue(t *testing.T, z, x, y []uint64) {
	t.Helper()
	const prime = 1<<61 - 1
	if got, want := residue(z, prime), mulMod(residue(x, prime), residue(y, prime), prime); got != want {
		t.Errorf("the product of %d by %d limbs is %d modulo 2^61−1, want %d", len(x), len(y), got, want)
	}
}

func TestMultiplyInPlace(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	m := New(false, Longest)
	x, y := randomLimbs(r, 500), randomLimbs(r, 300)
	want := new(big.Int).Mul(value(x), value(y))
	z := make([]uint64, len(x)+len(y))
	copy(z, x)
	if err := m.Multiply(&Run{Context: t.Context(), Threads: 2}, z, z[:500], y); err != nil || value(z).Cmp(want) != 0 {
		t.Errorf("a product in the place of its factor is wrong, error %v", err)
	}
}

func TestMultiplyLong(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, longest := range []int{Longest, 1000} {
		for _, m := range all(longest) {
			for _, short := range []int{1, 16, 100, 333, 500} {
				for _, long := range []int{1, short, 4 * short, 2000 + r.IntN(2000)} {
					x, y := randomLimbs(r, long), randomLimbs(r, short)
					z := randomLimbs(r, long+short)
					if err := m.MultiplyLong(&Run{Context: t.Context(), Threads: 1 + r.IntN(2)}, z, x, y); err != nil {
						t.Fatal(err)
					}
					if got, want := value(z), new(big.Int).Mul(value(x), value(y)); got.Cmp(want) != 0 {
						t.Errorf("%s kernels, at most %d limbs: a wrong product of %d by %d limbs", m.Kernels(), longest, long, short)
					}
					place := append(slices.Clone(x), make([]uint64, short)...)
					if err := m.MultiplyLong(&Run{Context: t.Context(), Threads: 2}, place, place[:long], y); err != nil || !slices.Equal(place, z) {
						t.Errorf("%s kernels: a wrong product of %d by %d limbs in the place of its factor, error %v", m.Kernels(), long, short, err)
					}
				}
			}
		}
	}
}

func TestMultiplyRefusesWhatIsTooLong(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	const longest = 200
	m := New(false, longest)
	run := &Run{Context: t.Context(), Threads: 1}
	checkMultiply(t, m, run, randomLimbs(r, longest/2), randomLimbs(r, longest/2))
	defer func() {
		if recover() == nil {
			t.Errorf("a product of %d limbs was not refused", longest+1)
		}
	}()
	checkMultiply(t, m, run, randomLimbs(r, longest/2+1), randomLimbs(r, longest/2))
}

func TestMultiplyStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	const limbs, most = 1 << 19, 250 * time.Millisecond
	x, z := randomLimbs(newRand(t), limbs), make([]uint64, 2*limbs)
	m := New(true, Longest)
	for _, threads := range []int{1, 2} {
		for wait := range 4 {
			ctx, cancel := context.WithCancel(t.Context())
			stopped := make(chan time.Time, 1)
			time.AfterFunc(time.Duration(wait*wait)*5*time.Millisecond, func() {
				stopped <- time.Now()
				cancel()
			})
			err := m.Multiply(&Run{Context: ctx, Threads: threads}, z, x, x)
			if late := time.Since(<-stopped); late > most || !errors.Is(err, context.Canceled) {
				t.Errorf("%d threads: cancelled, it returned %v later, want at most %v; error %v", threads, late, most, err)
			}
		}
	}
}

// TestWorkIsTold sees that what Worked is told adds up to what was predicted.
func TestWorkIsTold(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, threads := range []int{1, 3} {
		for _, c := range []struct{ x, y int }{{10, 10}, {300, 300}, {40_000, 40_000}, {150_000, 140_000}, {5000, 700}} {
			told := 0.0
			run := &Run{Context: t.Context(), Threads: threads, Worked: func(units float64) { told += units }}
			x, y := randomLimbs(r, c.x), randomLimbs(r, c.y)
			m := New(false, Longest)
			multiply := m.Multiply
			if Long(c.x, c.y) {
				multiply = m.MultiplyLong
			}
			for range 2 { // The first time makes tables.
				told = 0
				if err := multiply(run, make([]uint64, c.x+c.y), x, y); err != nil {
					t.Fatal(err)
				}
			}
			if want := ProductWork(c.x, c.y); told < 0.99*want || told > 1.01*want {
				t.Errorf("%d by %d limbs on %d threads: told of %.0f units, predicted %.0f", c.x, c.y, threads, told, want)
			}
		}
	}
}

func FuzzMultiply(f *testing.F) {
	f.Add([]byte{1}, []byte{255}, uint8(0))
	f.Add([]byte{0, 255, 255, 7}, []byte{255, 0, 0, 255, 1}, uint8(40))
	f.Fuzz(func(t *testing.T, a, b []byte, repeat uint8) {
		if len(a) == 0 || len(b) == 0 {
			return
		}
		x, y := fuzzed(a, repeat), fuzzed(b, repeat)
		for _, m := range all(Longest) {
			checkMultiply(t, m, &Run{Context: t.Context(), Threads: 1}, x, y)
		}
	})
}

// fuzzed makes limbs of bytes, again and again.
func fuzzed(data []byte, repeat uint8) []uint64 {
	var x []uint64
	for range int(repeat)%16 + 1 {
		for _, b := range data {
			switch b % 4 {
			case 0:
				x = append(x, 0)
			case 1:
				x = append(x, Base-1)
			case 2:
				x = append(x, uint64(b))
			case 3:
				x = append(x, uint64(b)*0x9e3779b97f4a7c15%Base)
			}
		}
	}
	return x
}
