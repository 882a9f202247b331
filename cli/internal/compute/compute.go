// Package compute runs one computation in this process, with no queue: the same catalogue and the same check as a worker's.
package compute

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"numbermill/shared/bignum"
	"numbermill/shared/function"
)

// fixedModulus is the modulus of the check that anybody can repeat; the other is drawn each time.
const fixedModulus = 1_000_000_007

// drawnBits is the size of the prime that is drawn.
const drawnBits = 61

// bufferSize is how many bytes of digits are written at a time.
const bufferSize = 64 << 10

// ErrWrong says that the digits do not pass the check.
var ErrWrong = errors.New("the digits do not pass their check")

// Request is what to compute.
type Request struct {
	Function *function.Function
	Args     function.Args
	Method   string
}

// Run computes, writes the digits to out with no newline, checks them by a second road, and tells what they are. progress is told
// the phase and the share of it that is done, on this goroutine. The errors are ErrWrong, the function's, the writer's and the context's;
// after any of them what was written is worth nothing.
func Run(ctx context.Context, r Request, out io.Writer, progress function.Progress) (Summary, error) {
	moduli, err := drawModuli()
	if err != nil {
		return Summary{}, err
	}
	start := time.Now()
	result, err := r.Function.Compute(ctx, r.Args, r.Method, progress)
	if err != nil {
		return Summary{}, err
	}
	computed := time.Now()

	sum, ends := sha256.New(), &ends{}
	residues := make([]*bignum.Residue, len(moduli))
	writers := []io.Writer{out, sum, ends}
	for i, m := range moduli {
		residues[i] = bignum.NewResidue(m)
		writers = append(writers, residues[i])
	}
	buffered := bufio.NewWriterSize(io.MultiWriter(writers...), bufferSize)
	_, err = result.WriteDecimal(ctx, buffered, func(fraction float64) { progress(fraction, "Writing digits") })
	if err = errors.Join(err, buffered.Flush()); err != nil {
		return Summary{}, fmt.Errorf("write the digits: %w", err)
	}
	written := time.Now()

	progress(0, "Checking")
	check, err := verify(ctx, r, moduli, residues)
	if err != nil {
		return Summary{}, err
	}
	return Summary{
		Function: r.Function.Name, Args: r.Args.Canonical(), Method: r.Method,
		Digits: strconv.FormatInt(ends.total, 10), Leading: ends.leading(), Trailing: ends.trailing(),
		SHA256: hex.EncodeToString(sum.Sum(nil)), Verification: check,
		Timing: Timing{computed.Sub(start).Milliseconds(), written.Sub(computed).Milliseconds(), time.Since(written).Milliseconds()},
	}, nil
}

func drawModuli() ([]uint64, error) {
	prime, err := rand.Prime(rand.Reader, drawnBits)
	if err != nil {
		return nil, fmt.Errorf("draw a prime: %w", err)
	}
	return []uint64{prime.Uint64(), fixedModulus}, nil
}

// verify compares the residues of the digits with those that the definition gives.
func verify(ctx context.Context, r Request, moduli []uint64, got []*bignum.Residue) (Verification, error) {
	v := Verification{Status: "passed", Method: "residue"}
	for i, m := range moduli {
		want, err := r.Function.Residue(ctx, r.Args, m)
		if err != nil {
			return v, fmt.Errorf("check the digits: %w", err)
		}
		if got[i].Value() != want {
			return v, fmt.Errorf("%w: modulo %d they are %d, and must be %d", ErrWrong, m, got[i].Value(), want)
		}
		v.Moduli = append(v.Moduli, strconv.FormatUint(m, 10))
		v.Residues = append(v.Residues, strconv.FormatUint(want, 10))
	}
	return v, nil
}
