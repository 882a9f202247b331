package bignum

import "numbermill/shared/bignum/internal/transform"

// limits are the lengths, in limbs, at which the method of multiplication changes. They are measured: see BenchmarkLimits.
type limits struct {
	karatsuba int // the shorter operand has so many limbs: Karatsuba's method begins; at least 4, or it would not end
	transform int // the shorter operand has so many limbs: transforms begin
	longest   int // longer products are put together from several
}

var (
	assemblyLimits = limits{karatsuba: 64, transform: 60, longest: transform.Longest}
	portableLimits = limits{karatsuba: 48, transform: 280, longest: transform.Longest}
)

// method is a way to multiply.
type method int

const (
	byWords method = iota
	byTransforms
	byPieces // of the longer factor, with the same transform of the other
	byThree  // Karatsuba's
	byBlocks // of the longer factor, as long as the other
)

// method says how numbers of long and short limbs are multiplied.
func (l limits) method(long, short int) method {
	switch {
	case short < min(l.karatsuba, l.transform):
		return byWords
	case short >= l.transform && long+short <= l.longest && !transform.Long(long, short):
		return byTransforms
	case short >= l.transform && 2*short <= l.longest:
		return byPieces
	case 3*short < 2*long:
		return byBlocks
	}
	return byThree
}

// inPlace reports whether the product of x by y limbs may begin where x does.
func (e *Engine) inPlace(x, y int) bool {
	m := e.limits.method(max(x, y), min(x, y))
	return m == byTransforms || m == byPieces && x >= y
}

// multiply sets z = x·y. z has as many limbs as both together, neither of which is empty, and shares no memory with them unless inPlace allows that.
func (e *Engine) multiply(r *transform.Run, z, x, y []uint64) error {
	if len(x) < len(y) {
		x, y = y, x
	}
	switch e.limits.method(len(x), len(y)) {
	case byWords:
		multiplyBase(z, x, y)
		return nil
	case byTransforms:
		return e.multiplier.Multiply(r, z, x, y)
	case byPieces:
		return e.multiplier.MultiplyLong(r, z, x, y)
	case byBlocks:
		return e.unbalanced(r, z, x, y)
	case byThree:
		return e.karatsuba(r, z, x, y)
	}
	panic("bignum: no such method")
}

// unbalanced multiplies a long x by a short y: it cuts x into pieces as long as y.
func (e *Engine) unbalanced(r *transform.Run, z, x, y []uint64) error {
	clear(z)
	part := make([]uint64, 2*len(y))
	for i := 0; i < len(x); i += len(y) {
		piece := x[i:min(i+len(y), len(x))]
		p := part[:len(piece)+len(y)]
		if err := e.multiply(r, p, piece, y); err != nil {
			return err
		}
		addTo(z[i:], p)
	}
	return r.Context.Err()
}

// karatsuba multiplies with three products of half the length: with B = base^h,
// (x1·B + x0)(y1·B + y0) = x1·y1·B² + ((x1+x0)(y1+y0) − x1·y1 − x0·y0)·B + x0·y0. y is more than half as long as x.
func (e *Engine) karatsuba(r *transform.Run, z, x, y []uint64) error {
	h := (len(x) + 1) / 2
	x0, x1, y0, y1 := x[:h], x[h:], y[:h], y[h:]
	if err := e.multiply(r, z[:2*h], x0, y0); err != nil {
		return err
	}
	if err := e.multiply(r, z[2*h:], x1, y1); err != nil {
		return err
	}
	sumX := sum(x0, x1)
	sumY := sumX
	if &x[0] != &y[0] || len(x) != len(y) {
		sumY = sum(y0, y1)
	}
	middle := make([]uint64, 2*h+2)
	if err := e.multiply(r, middle, sumX, sumY); err != nil {
		return err
	}
	subFrom(middle, z[:2*h])
	subFrom(middle, z[2*h:])
	addTo(z[h:], middle[:min(len(middle), len(z)-h)]) // What is cut off is 0.
	return nil
}

// sum returns x + y, with one limb more than x, which is not shorter.
func sum(x, y []uint64) []uint64 {
	z := make([]uint64, len(x)+1)
	copy(z, x)
	addTo(z, y)
	return z
}
