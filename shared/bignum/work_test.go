package bignum

import (
	"context"
	"testing"
)

// TestWorkIsTold compares what Worked is told with what the Work functions predict.
func TestWorkIsTold(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	const n, m = 40_000, 3000
	x, y := randomLimbs(r, n), randomLimbs(r, n)
	for _, threads := range []int{1, 2} {
		told := 0.0
		e := New(Config{Threads: threads, Worked: func(units float64) { told += units }})
		owned := func(x Decimal) Decimal { return x.Add(Decimal{}) }
		for _, c := range []struct {
			name string
			want float64
			do   func(ctx context.Context) error
		}{
			{"The first Mul", MulWork(n, n) + ReserveWork(n, n), func(ctx context.Context) error { _, err := e.Mul(ctx, x, y); return err }},
			{"Mul", MulWork(n, n), func(ctx context.Context) error { _, err := e.Mul(ctx, x, y); return err }},
			{"Mul of unequal numbers", MulWork(n, m), func(ctx context.Context) error { _, err := e.Mul(ctx, x, Decimal{y.limbs[:m]}); return err }},
			{"Sqr", SqrWork(n), func(ctx context.Context) error { _, err := e.Sqr(ctx, x); return err }},
			{"Squares", 2 * SqrWork(n), func(ctx context.Context) error { _, _, err := e.Squares(ctx, owned(x), owned(y)); return err }},
			{"Combine", CombineWork(n), func(ctx context.Context) error {
				_, _, err := e.Combine(ctx, owned(x), owned(y), Row{X: 1, Y: 1}, Row{X: 4})
				return err
			}},
			{"Double", DoubleWork(n), func(ctx context.Context) error { _, err := e.Double(ctx, owned(x)); return err }},
		} {
			told = 0
			if err := c.do(t.Context()); err != nil {
				t.Fatal(err)
			}
			if told < 0.98*c.want || told > 1.02*c.want {
				t.Errorf("%s on %d threads: told of %.0f units, predicted %.0f", c.name, threads, told, c.want)
			}
		}
	}
}
