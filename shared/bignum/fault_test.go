package bignum

import (
	"slices"
	"testing"
)

func TestAFaultSpoilsOneProduct(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault    Fault
		portable bool
		wrong    int // squares of a hundred
	}{
		"the first call":        {Fault{After: 0}, false, 1},
		"a later call":          {Fault{After: 50}, false, 1},
		"not without assembly":  {Fault{After: 0}, true, 0},
		"without assembly, too": {Fault{After: 0, Portable: true}, true, 1},
		"with and without it":   {Fault{After: 0, Portable: true}, false, 1},
		"after the last one":    {Fault{After: 1 << 30}, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			right, broken := New(Config{Portable: c.portable}), New(Config{Portable: c.portable, Fault: &c.fault})
			x := normal(slices.Repeat([]uint64{base - 1}, 600))
			want, err := right.Sqr(t.Context(), x)
			if err != nil {
				t.Fatal(err)
			}
			wrong := 0
			for i := range 100 {
				got, err := broken.Sqr(t.Context(), x)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.limbs, want.limbs) {
					wrong++
					if first := c.fault.After == 0; first != (i == 0) {
						t.Errorf("square %d is wrong", i+1)
					}
				}
			}
			if wrong != c.wrong {
				t.Errorf("%d squares are wrong, want %d", wrong, c.wrong)
			}
		})
	}
}
