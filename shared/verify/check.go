package verify

import (
	"context"
	"errors"
	"fmt"

	"numbermill/shared/function"
	"numbermill/shared/job"
)

// ErrMismatch says that the digits are not those of the function's value. They must not be published.
var ErrMismatch = errors.New("the result did not pass its check")

// Check compares the digits with the function's value: their residues modulo each modulus with residues computed from the
// definition, without the large number, and their count with the exact one. It fails with ErrMismatch, or with the context's error.
func (d *Digest) Check(ctx context.Context, f *function.Function, a function.Args, method string) (job.Verification, error) {
	v := job.Verification{Method: "residue", Moduli: d.moduli}
	for i, m := range d.moduli {
		want, err := f.Residue(ctx, a, m)
		if err != nil {
			return v, fmt.Errorf("residue of %s: %w", f.Label(a), err)
		}
		got := d.residues[i].Value()
		if got != want {
			return v, fmt.Errorf("%w: %s is %d modulo %d, its digits are %d", ErrMismatch, f.Label(a), want, m, got)
		}
		v.Residues = append(v.Residues, got)
	}
	if want := f.Estimate(a, method).Digits; want == nil || !want.IsInt64() || want.Int64() != d.count {
		return v, fmt.Errorf("%w: %s has %v digits, %d were written", ErrMismatch, f.Label(a), want, d.count)
	}
	return v, nil
}
