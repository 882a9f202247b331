package bignum

import (
	"context"
	"errors"
	"math/big"
	"testing"
)

func TestPowersAgreeWithMathBig(t *testing.T) {
	t.Parallel()
	for _, base := range []uint64{0, 1, 2, 3, 10, 999_999_937, 1_000_000_000, FactorLimit - 1} {
		for _, exponent := range []uint64{0, 1, 2, 3, 4, 17, 59, 60, 61, 1000, 4097} {
			e := New(Config{Threads: 2})
			steps := 0
			got, err := e.Power(t.Context(), base, exponent, func(number, of int) {
				if steps++; number != steps || number > of {
					t.Errorf("%d^%d: step %d of %d is told as the %d-th", base, exponent, number, of, steps)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			want := new(big.Int).Exp(new(big.Int).SetUint64(base), new(big.Int).SetUint64(exponent), nil)
			if value(got).Cmp(want) != 0 {
				t.Errorf("%d^%d is wrong", base, exponent)
			}
			e.Close()
		}
	}
}

func TestWorkOfPowers(t *testing.T) {
	t.Parallel()
	for _, base := range []uint64{2, 7, FactorLimit - 1} {
		told := 0.0
		e := New(Config{Worked: func(units float64) { told += units }})
		const exponent = 54_321
		if _, err := e.Power(t.Context(), base, exponent, nil); err != nil {
			t.Fatal(err)
		}
		e.Close()
		if predicted := PowerWork(base, exponent); told < predicted/2 || told > 2*predicted {
			t.Errorf("%d^%d: told of %.0f units, predicted %.0f", base, exponent, told, predicted)
		}
	}
}

func TestPowersEndWithTheirContext(t *testing.T) {
	t.Parallel()
	for _, base := range []uint64{2, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		e := New(Config{})
		_, err := e.Power(ctx, base, 1<<21, func(number, of int) {
			if number == of {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		e.Close()
	}
}
