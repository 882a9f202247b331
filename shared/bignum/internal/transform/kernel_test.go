package transform

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// residues returns n integers up to a·p in size, the largest among them.
func residues(r *rand.Rand, n int, a float64, c *prime) []float64 {
	x := make([]float64, n)
	for i := range x {
		switch r.IntN(8) {
		case 0:
			x[i] = float64(int64(a * c.p))
		case 1:
			x[i] = -float64(int64(a * c.p))
		case 2:
			x[i] = 0
		default:
			x[i] = float64(int64((2*r.Float64() - 1) * a * c.p))
		}
	}
	return x
}

// pass is one kernel made ready to be called.
type pass struct {
	name   string
	input  float64 // how large its values may be, as multiples of p
	output float64 // how large they may become
	run    func(k *kernels, x []float64, c *prime)
}

// passes are all kernels on 5·2^9 values, with what bounds.go says of them.
func passes(t *table, index int) []pass {
	const log, b = 9, 4
	w := t.forward[index]
	of := func(blocks int) ([]float64, mirror) { return t.inverses(index, blocks) }
	top := func(name string, rows int, in, out float64, last bool) pass {
		return pass{name, in, out, func(k *kernels, x []float64, c *prime) {
			f := length{rows, log}.first(k)
			if last {
				f = length{rows, log}.last(k)
			}
			f(x, 1<<log, 1<<log, c)
		}}
	}
	return []pass{
		top("top3", 3, 0.5, 2.5, false), top("top4", 4, 0.5, 2.5, false), top("top5", 5, 0.5, 2.5, false),
		top("bottom3", 3, 2, 8, true), top("bottom4", 4, 2, 8, true), top("bottom5", 5, 2, 8, true),
		{"forward4", 3, 2.5, func(k *kernels, x []float64, c *prime) { k.forward4(x, 1<<log/4, 1<<log/4, 5, w, b, c) }},
		{"forward4, few columns", 3, 3, func(k *kernels, x []float64, c *prime) { k.forward4(x[8:], 1<<log/4, kernelStep, 2, w, b, c) }},
		{"forward2", 3, 2.5, func(k *kernels, x []float64, c *prime) { k.forward2(x, w, b, c) }},
		{"forwardTail", 3, 2.5, func(k *kernels, x []float64, c *prime) { k.forwardTail(x, w, b, c) }},
		{"inverse4", 2, 2, func(k *kernels, x []float64, c *prime) {
			v, m := of(8)
			k.inverse4(x, 1<<log/4, 1<<log/4, 5, v, m, c)
		}},
		{"inverse2", 2, 2, func(k *kernels, x []float64, c *prime) {
			v, m := of(128)
			k.inverse2(x, v, m, c)
		}},
		{"inverseTail", 2, 2, func(k *kernels, x []float64, c *prime) {
			v, m16 := of(256)
			_, m4 := of(1024)
			k.inverseTail(x, v, m4, m16, c)
		}},
		{"inverseTail of block 0", 2, 2, func(k *kernels, x []float64, c *prime) {
			v, m := of(0)
			k.inverseTail(x[:512], v, m, m, c)
		}},
		{"square", 3, 0.63, func(k *kernels, x []float64, c *prime) { k.square(x, c) }},
		{"multiply", 3, 3, func(k *kernels, x []float64, c *prime) { k.multiply(x[:len(x)/2], x[len(x)/2:], c) }},
		{"scale", 2, 0.51, func(k *kernels, x []float64, c *prime) { k.scale(x, x, c.roots[3], c) }},
	}
}

// TestKernelsAgree compares this machine's kernels with the portable ones, bit by bit, and both with the bounds.
func TestKernelsAgree(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	table := newTestTable(t, new(tables), length{4, 12}, &portable)
	for i := range primes {
		c := &primes[i]
		for _, p := range passes(table, i) {
			for range 20 {
				x := residues(r, 5<<9, p.input, c)
				input := slices.Clone(x)
				p.run(&portable, x, c)
				for _, k := range assemblies() {
					y := slices.Clone(input)
					if p.run(k, y, c); !slices.Equal(x, y) {
						t.Errorf("%s and portable kernels disagree on %s modulo %d", k.name, p.name, c.n)
					}
				}
				for _, v := range x {
					if v > p.output*c.p || v < -p.output*c.p {
						t.Fatalf("%s modulo %d makes %v·p of values up to %v·p, want at most %v·p", p.name, c.n, v/c.p, p.input, p.output)
					}
				}
			}
		}
	}
}

func TestFillsAgree(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, k := range allKernels() {
		for i := range primes {
			c := &primes[i]
			for n := range 40 {
				src, x := randomLimbs(r, n), residues(r, 48, 1, c)
				fill(k, x, src, c)
				for j, v := range x {
					want := uint64(0)
					if j < n {
						want = src[j] % c.n
					}
					if got := uint64(int64(v)+int64(c.n)) % c.n; got != want || v > 0.51*c.p || v < -0.51*c.p {
						t.Fatalf("%s: limb %d becomes %v modulo %d, want %d", k.name, j, v, c.n, want)
					}
				}
			}
		}
	}
}

// TestMulIsExact compares mul with integers, at the limits of bounds.go.
func TestMulIsExact(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for i := range primes {
		c := &primes[i]
		for a, m := range map[float64]float64{1: 0.625, 2: 0.75, 4: 1, 8: 1.5} {
			for range 2000 {
				x, w := residues(r, 1, a, c)[0], residues(r, 1, 0.5, c)[0]
				v := mul(x, w, c)
				got := uint64(int64(v)+2*int64(c.n)) % c.n
				want := mulMod(uint64(int64(x)+8*int64(c.n))%c.n, uint64(int64(w)+int64(c.n))%c.n, c.n)
				if got != want || v > m*c.p || v < -m*c.p {
					t.Fatalf("%v·%v = %v modulo %d, want %d", x, w, v, c.n, want)
				}
			}
		}
	}
}
