package verify

import (
	"context"
	"errors"
	"fmt"
	"io"

	"numbermill/shared/function"
	"numbermill/shared/job"
)

// ErrMismatch says that the text is wrong: not the digits of the function's value, or a document with a false statement. It must not
// be published.
var ErrMismatch = errors.New("the result did not pass its check")

// Text takes the text of one result as it is written, tells what a person wants to know of it, and checks it.
type Text interface {
	io.Writer
	// Result is what is known of the text by now; timing, verification and place are the caller's to add.
	Result() job.Result
	// Check compares the text with what f(a) is. It fails with ErrMismatch, or with the context's error.
	Check(ctx context.Context, f *function.Function, a function.Args, method string) (job.Verification, error)
}

// NewText returns a Digest for digits and a Document for a document.
func NewText(kind function.Kind) (Text, error) {
	if kind == function.Document {
		return &Document{}, nil
	}
	return NewDigest()
}

// Check compares the digits with the function's value: their residues modulo each modulus with residues computed from the
// definition, without the large number, and their count with the exact one. It fails with ErrMismatch, or with the context's error.
func (d *Digest) Check(ctx context.Context, f *function.Function, a function.Args, _ string) (job.Verification, error) {
	v := job.Verification{Method: job.ByResidue, Moduli: d.moduli}
	for i, got := range d.residues.Values() {
		m := d.moduli[i]
		want, err := f.Residue(ctx, a, m)
		if err != nil {
			return v, fmt.Errorf("residue of %s: %w", f.Label(a), err)
		}
		if got != want {
			return v, fmt.Errorf("%w: %s is %d modulo %d, its digits are %d", ErrMismatch, f.Label(a), want, m, got)
		}
		v.Residues = append(v.Residues, got)
	}
	if want := f.DigitCount(a); want == nil || !want.IsInt64() || want.Int64() != d.count {
		return v, fmt.Errorf("%w: %s has %v digits, %d were written", ErrMismatch, f.Label(a), want, d.count)
	}
	return v, nil
}
