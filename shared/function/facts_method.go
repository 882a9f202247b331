package function

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"numbermill/shared/function/internal/logarithm"
)

const (
	leadingDigits     = 50
	trailingDigits    = 1000
	factorialTrailing = 20
)

// factsModuli are the moduli of Facts.Residues. All are prime.
var factsModuli = []uint64{998_244_353, 1_000_000_007, 1<<61 - 1}

// subject is a function whose facts can be told.
type subject interface {
	// formula returns the closed form.
	formula(a Args) string
	// short returns the value, or nil if it has more than about trailingDigits digits.
	short(a Args) *big.Int
	// zerosApart reports whether the zeros at the end of a value are counted apart.
	zerosApart() bool
	// find returns the facts from Digits to Residues, but for Stable, of a value that is not short.
	find(ctx context.Context, a Args, o Options) (Facts, error)
	// verify returns an error if one of the facts from Digits to Residues, but for Stable, is wrong. The value has more than mostWritten digits. It takes
	// other roads than find.
	verify(ctx context.Context, a Args, facts Facts) error
	// stable returns the Stable of TrailingDigits, and verifyStable checks it by other means.
	stable(a Args) *int
	verifyStable(a Args, t TrailingDigits) bool
	// millis is the cost of it all, in CPU milliseconds. It does not fall as the last argument grows.
	millis(a Args) float64
}

// noTower is the part of a subject whose values are no towers.
type noTower struct{}

func (noTower) stable(Args) *int { return nil }

func (noTower) verifyStable(_ Args, t TrailingDigits) bool { return t.Stable == nil }

// factsMethod returns the method that tells the facts of the function of that name.
func factsMethod(name string, s subject) Method {
	return Method{
		Name: "facts", Title: "Facts", Kind: Document,
		Description: "What can be told about the value without writing it down, however large it is: its number of digits, the first 50 and the last 1,000 " +
			"of them, remainders and a closed form, all exact.",
		cost: func(a Args, _ *big.Int) price {
			const (
				bytes  = 8 << 20
				millis = 0.3
			)
			return price{millis + s.millis(a), bytes}
		},
		compute: func(ctx context.Context, a Args, o Options) (Result, error) { return factsDocument(ctx, name, s, a, o) },
		check:   func(ctx context.Context, a Args, text []byte) error { return checkFacts(ctx, name, s, a, text) },
	}
}

// factsDocument finds the facts and writes them down.
func factsDocument(ctx context.Context, name string, s subject, a Args, o Options) (Result, error) {
	facts, err := findFacts(ctx, s, a, o)
	if err != nil {
		return nil, err
	}
	f, _ := Lookup(name)
	facts.Function, facts.Args, facts.Label, facts.ClosedForm = name, a.Canonical(), f.Label(a), s.formula(a)
	text, err := facts.encode()
	return document(text), err
}

func findFacts(ctx context.Context, s subject, a Args, o Options) (Facts, error) {
	if err := ctx.Err(); err != nil {
		return Facts{}, err
	}
	x := s.short(a)
	if x == nil {
		facts, err := s.find(ctx, a, o)
		facts.Trailing.Stable = s.stable(a)
		return facts, err
	}
	facts := factsOfDigits(x.String(), s.zerosApart())
	facts.Trailing.Stable = s.stable(a)
	for _, m := range factsModuli {
		facts.Residues = append(facts.Residues, knownResidue(m, modulus(m).of(x)))
	}
	return facts, nil
}

// factsOfDigits returns the facts, but for the residues, of a value all of whose digits are given.
func factsOfDigits(digits string, zerosApart bool) Facts {
	count, leading := strconv.Itoa(len(digits)), digits[:min(len(digits), leadingDigits)]
	facts := Facts{Digits: &count, Leading: &leading}
	rest, most := digits, trailingDigits
	if zerosApart {
		if rest = strings.TrimRight(digits, "0"); len(digits) > trailingDigits {
			most = factorialTrailing
		}
	}
	facts.Trailing = TrailingDigits{
		Digits:   rest[max(len(rest)-most, 0):],
		Zeros:    strconv.Itoa(len(digits) - len(rest)),
		Complete: len(rest) <= most,
	}
	return facts
}

func knownResidue(m, value uint64) KnownResidue {
	text := strconv.FormatUint(value, 10)
	return KnownResidue{Modulus: strconv.FormatUint(m, 10), Value: &text}
}

// stage returns a function that reports the share done of a part of the work, which goes from one fraction of the whole to another.
func stage(o Options, from, to float64, detail string) func(share float64) {
	const step = 0.01
	told := -step
	return func(share float64) {
		if share >= told+step {
			told = share
			o.Progress(from+share*(to-from), detail)
		}
	}
}

// firstDigits returns Digits and Leading of a value with the logarithm ln, which loses so many bits of its precision, and reports a fifth of the work.
func firstDigits(ctx context.Context, lost uint, ln logarithm.Log, o Options) (Facts, error) {
	prec := lost + 4*leadingDigits + 96
	o.Progress(0.05, "Counting digits")
	count := logarithm.Digits(prec, ln)
	if err := ctx.Err(); err != nil {
		return Facts{}, err
	}
	o.Progress(0.1, "Finding the first digits")
	leading := logarithm.Leading(leadingDigits, count, prec, ln)
	return Facts{Digits: text(count), Leading: text(leading)}, ctx.Err()
}

// encode writes the facts as a Document.
func (f Facts) encode() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(f); err != nil {
		return nil, fmt.Errorf("write the facts down: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// document is the text of a Document.
type document []byte

// WriteText implements Result.
func (d document) WriteText(ctx context.Context, w io.Writer, progress func(fraction float64)) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.Write(d)
	if err != nil {
		return int64(n), fmt.Errorf("write the document: %w", err)
	}
	if progress != nil {
		progress(1)
	}
	return int64(n), nil
}

// decimals returns the last trailingDigits digits of x < 10^1000, with leading zeros.
func decimals(x *big.Int) string {
	text := x.String()
	return strings.Repeat("0", trailingDigits-len(text)) + text
}

// text returns x in decimal, for a field of Facts.
func text(x *big.Int) *string {
	s := x.String()
	return &s
}
