package transform

import (
	"context"
	"errors"
	"testing"
)

// TestMultiplyAllocatesLittle is not parallel: it counts what the whole process allocates.
func TestMultiplyAllocatesLittle(t *testing.T) {
	const most = 40
	r := newRand(t)
	m := New(false, Longest)
	run := &Run{Context: t.Context(), Threads: 1}
	for _, limbs := range []int{200, 20_000} {
		x, y, z := randomLimbs(r, limbs), randomLimbs(r, limbs), make([]uint64, 2*limbs)
		got := testing.AllocsPerRun(10, func() {
			if err := m.Multiply(run, z, x, y); err != nil {
				t.Fatal(err)
			}
		})
		if got > most {
			t.Errorf("a product of %d limbs takes %v allocations, want at most %v", 2*limbs, got, most)
		}
	}
}

// TestPool takes memory of all kinds, writes all of it, and sees that it comes again.
func TestPool(t *testing.T) {
	t.Parallel()
	var p pool
	defer p.close()
	for _, n := range []int{1, 1000, 1 << 15, 1<<15 + 1, 1 << 18, 1<<18 + 12345, 3 << 18} {
		x := p.take(n)
		y := p.take(n)
		if len(x) != n || len(y) != n || &x[0] == &y[0] {
			t.Fatalf("taking %d values twice gave %d and %d, or the same", n, len(x), len(y))
		}
		for i := range x {
			x[i], y[i] = 1, 2
		}
		if x[0] != 1 || x[n-1] != 1 {
			t.Fatalf("two pieces of %d values overlap", n)
		}
		p.give(y)
		if z := p.take(n/2 + 1); &z[0] != &y[0] {
			t.Errorf("%d values that were given back are not taken again", n)
		} else {
			p.give(z)
		}
		p.give(x)
	}
	if len(p.regions) > 2 {
		t.Errorf("%d regions are kept, though only two were out at a time", len(p.regions))
	}
	x := p.take(6 << 18) // After it has come back, several smaller pieces have their place in it.
	p.give(x)
	pieces := [][]float64{p.take(2 << 18), p.take(3 << 18), p.take(1 << 18)}
	if len(p.regions) != 1 || &pieces[0][0] != &x[0] || &pieces[1][0] != &x[2<<18] || &pieces[2][0] != &x[5<<18] {
		t.Errorf("pieces of a region are not next to each other, or in %d regions", len(p.regions))
	}
	p.give(pieces[1])
	if y := p.take(3 << 17); &y[0] != &x[2<<18] {
		t.Error("a gap in a region is not filled")
	}
}

func TestMakeStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Make(ctx, 1<<22, nil); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got the error %v, want context.Canceled or none", err)
	}
	x, err := Make(t.Context(), 1<<22, nil)
	if err != nil || len(x) != 1<<22 || x[0] != 0 || x[1<<22-1] != 0 {
		t.Errorf("got %d limbs and the error %v, want %d zeros", len(x), err, 1<<22)
	}
}

// TestMemoryIsWhatIsTaken compares the prediction with the memory that products have taken.
func TestMemoryIsWhatIsTaken(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, limbs := range []int{1 << 16, 3 << 16, 1 << 18} {
		for threads := 1; threads <= 2; threads++ {
			for _, square := range []bool{false, true} {
				m := newMultiplier(best(), Longest)
				x, y := randomLimbs(r, limbs/2), randomLimbs(r, limbs/2)
				if square {
					y = x
				}
				m.Reserve(limbs, square, threads)
				if err := m.Multiply(&Run{Context: t.Context(), Threads: threads}, make([]uint64, limbs), x, y); err != nil {
					t.Fatal(err)
				}
				taken := 0
				for _, r := range m.memory.regions {
					taken += 8 * len(r.values)
				}
				if want := int(Memory(limbs, square, threads)); taken > want || taken < want/2 {
					t.Errorf("a product of %d limbs (square: %t) on %d threads took %d bytes, predicted %d", limbs, square, threads, taken, want)
				}
				m.Close()
			}
		}
	}
}

func TestMemoryNeverFalls(t *testing.T) {
	t.Parallel()
	for _, square := range []bool{false, true} {
		for threads := 1; threads <= 2; threads++ {
			for limbs, last := 2, int64(0); limbs < 1<<25; limbs += 1 + limbs/64 {
				got := Memory(limbs, square, threads)
				if got < last {
					t.Errorf("%d limbs on %d threads take %d bytes, fewer take %d", limbs, threads, got, last)
				}
				last = got
			}
		}
	}
}
