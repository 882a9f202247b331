package function

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"strconv"
	"strings"

	"numbermill/shared/bignum"
	"numbermill/shared/function/internal/logarithm"
)

// mostWritten is the length of the longest value that a check of its facts writes out, by the default method.
const mostWritten = 100_000

// checkFacts checks a Document that factsDocument has made. A value of up to mostWritten digits is computed by the default method, which shares
// nothing with the search for facts, and the facts are read from its digits. A longer one is left to the subject. The closed form is
// the definition spelled out: it can only be compared.
func checkFacts(ctx context.Context, name string, s subject, a Args, document []byte) error {
	facts, err := decodeFacts(document)
	if err != nil {
		return err
	}
	f, _ := Lookup(name)
	switch {
	case facts.Function != name || !maps.Equal(facts.Args, a.Canonical()) || facts.Label != f.Label(a):
		return errors.New("the facts are about something else")
	case facts.ClosedForm != s.formula(a):
		return fmt.Errorf("the closed form is %q, not %q", s.formula(a), facts.ClosedForm)
	}
	if len(facts.Residues) != len(factsModuli) {
		return fmt.Errorf("there are %d residues, not %d", len(facts.Residues), len(factsModuli))
	}
	for i, m := range factsModuli {
		if r := facts.Residues[i]; r.Modulus != strconv.FormatUint(m, 10) || (r.Value == nil) == (r.Reason == "") {
			return fmt.Errorf("residue %d is not one modulo %d", i+1, m)
		}
	}
	if d := f.DigitCount(a); d == nil || d.Cmp(big.NewInt(mostWritten)) > 0 {
		err = s.verify(ctx, a, facts)
	} else {
		err = checkWritten(ctx, f, s, a, facts)
	}
	if err == nil && !s.verifyStable(a, facts.Trailing) {
		return errors.New("another number of digits is stable")
	}
	return err
}

// decodeFacts reads a document, which must be written exactly as encode writes it.
func decodeFacts(document []byte) (Facts, error) {
	var facts Facts
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&facts); err != nil {
		return facts, fmt.Errorf("read the facts: %w", err)
	}
	if again, err := facts.encode(); err != nil || !bytes.Equal(again, document) {
		return facts, errors.New("the facts are not written as they should be")
	}
	return facts, nil
}

// checkWritten compares the facts with the value itself.
func checkWritten(ctx context.Context, f *Function, s subject, a Args, facts Facts) error {
	x, err := f.Compute(ctx, a, DefaultMethod, Options{})
	if err != nil {
		return err
	}
	var digits strings.Builder
	residues := bignum.NewResidues(factsModuli...)
	if _, err := x.WriteText(ctx, io.MultiWriter(&digits, residues), nil); err != nil {
		return fmt.Errorf("write the value out: %w", err)
	}
	want := factsOfDigits(digits.String(), s.zerosApart())
	switch {
	case !equal(facts.Digits, want.Digits) || facts.DigitsOfDigits != nil:
		return errors.New("the number of digits is wrong")
	case !equal(facts.Leading, want.Leading):
		return errLeading
	case facts.Trailing.Digits != want.Trailing.Digits || facts.Trailing.Zeros != want.Trailing.Zeros || facts.Trailing.Complete != want.Trailing.Complete:
		return errTrailing
	}
	for i, m := range factsModuli {
		if want := knownResidue(m, residues.Values()[i]); !equal(facts.Residues[i].Value, want.Value) {
			return errResidue(m)
		}
	}
	return nil
}

var (
	errLeading  = errors.New("the first digits or their number are wrong")
	errTrailing = errors.New("the last digits or their zeros are wrong")
)

func errResidue(m uint64) error { return fmt.Errorf("the remainder modulo %d is wrong", m) }

// verifyHead checks Digits and Leading of a value by the second set of logarithms.
func verifyHead(facts Facts, prec uint, ln logarithm.Log) error {
	digits, leading := number(facts.Digits), number(facts.Leading)
	if digits == nil || facts.DigitsOfDigits != nil || leading == nil || len(*facts.Leading) != leadingDigits ||
		!logarithm.Begins(leading, digits, prec, ln) {
		return errLeading
	}
	return nil
}

// verifyTail returns the last digits of a value that is much longer, for further checks, or nil if they cannot be that.
func verifyTail(t TrailingDigits) *big.Int {
	if len(t.Digits) != trailingDigits || t.Zeros != "0" || t.Complete || strings.Trim(t.Digits, "0123456789") != "" {
		return nil
	}
	x, _ := new(big.Int).SetString(t.Digits, 10)
	return x
}

// verifyResidues checks all residues, which must be known.
func verifyResidues(facts Facts, residue func(m uint64) *big.Int) error {
	for i, m := range factsModuli {
		if r := number(facts.Residues[i].Value); r == nil || r.Cmp(residue(m)) != 0 {
			return errResidue(m)
		}
	}
	return nil
}

// number reads a natural number as String writes it, or returns nil.
func number(text *string) *big.Int {
	if text == nil {
		return nil
	}
	x, ok := new(big.Int).SetString(*text, 10)
	if !ok || x.Sign() < 0 || x.String() != *text {
		return nil
	}
	return x
}

// equal reports whether both are nil or point to equal values.
func equal[T comparable](x, y *T) bool {
	if x == nil || y == nil {
		return x == y
	}
	return *x == *y
}
