// Package verify reads the text of a finished result once, as it is written, tells what a person wants to know of it, and checks it
// against an independent computation before anybody sees it.
package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"

	"numbermill/shared/bignum"
	"numbermill/shared/job"
)

// ends is how many leading and trailing digits are kept.
const ends = 20

// fixedModulus is always among the moduli, so that people can compare residues across runs: the prime 10^9+7.
const fixedModulus = 1_000_000_007

// Digest is an io.Writer that takes the decimal digits of one number, most significant first. The zero Digest is not ready: use
// NewDigest.
type Digest struct {
	count, zeros int64
	leading      []byte
	trailing     []byte
	sum          hash.Hash
	moduli       []uint64
	residues     *bignum.Residues
}

// NewDigest draws a random 61-bit prime to check by, besides 10^9+7.
func NewDigest() (*Digest, error) {
	p, err := randomPrime()
	if err != nil {
		return nil, err
	}
	d := &Digest{sum: sha256.New(), moduli: []uint64{p, fixedModulus}}
	d.residues = bignum.NewResidues(d.moduli...)
	return d, nil
}

// Write takes more digits. It fails at a byte that is not a digit.
func (d *Digest) Write(digits []byte) (int, error) {
	if n, err := d.residues.Write(digits); err != nil {
		return n, err
	}
	d.count += int64(len(digits))
	d.sum.Write(digits) // never fails, says hash.Hash
	if room := ends - len(d.leading); room > 0 {
		d.leading = append(d.leading, digits[:min(room, len(digits))]...)
	}
	d.keepTrailing(digits)
	return len(digits), nil
}

func (d *Digest) keepTrailing(digits []byte) {
	d.trailing = append(d.trailing, digits[max(0, len(digits)-ends):]...)
	d.trailing = d.trailing[max(0, len(d.trailing)-ends):]
	for i, digit := range slices.Backward(digits) {
		if digit != '0' {
			d.zeros = int64(len(digits) - 1 - i)
			return
		}
	}
	d.zeros += int64(len(digits))
}

// Result is what is known of the number by now; timing, verification and place are the caller's to add.
func (d *Digest) Result() job.Result {
	r := job.Result{
		MediaType: job.DigitsType, Bytes: d.count, Digits: d.count, Leading: string(d.leading), Trailing: string(d.trailing), TrailingZeros: d.zeros,
		SHA256: hex.EncodeToString(d.sum.Sum(nil)),
	}
	if d.zeros == d.count { // the number zero
		r.TrailingZeros = 0
	}
	return r
}
