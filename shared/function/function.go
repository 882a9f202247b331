// Package function is the catalogue of what can be computed. A Function knows its parameters and how to read them, what
// a result will cost before it is computed, how to compute it, and how to check it by a second road.
//
// A new function is one file and its test: a package-level `var _ = register(&Function{...})`. The conformance suite in
// the conformance_*_test.go files then runs over it. The package knows nothing of jobs, queues or HTTP.
package function

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
)

// DefaultMethod is the method that every function has, and the one that is meant when none is named.
const DefaultMethod = "fast"

// ResultFormatVersion is part of every Fingerprint. It is raised only when the bytes of an already published result would change.
const ResultFormatVersion = 1

// maxDigits is the length of the largest result that Compute agrees to begin. Admission refuses far earlier (Limits); this
// only keeps a caller without limits from asking math/big for more memory than a machine has.
const maxDigits = 4_000_000_000

var (
	// ErrNotRepresentable says that even the number of digits of the result has more than 1,000 digits.
	ErrNotRepresentable = errors.New("the result is too large to be written down")
	// ErrTooLarge says that the result could be written down, but has more than 4,000,000,000 digits.
	ErrTooLarge = errors.New("the result has more than 4,000,000,000 digits")
	// ErrUnknownMethod says that a function has no method of the given name.
	ErrUnknownMethod = errors.New("unknown method")
	// ErrModulus says that Residue was given a modulus outside 1…2^63.
	ErrModulus = errors.New("a modulus must be from 1 to 2^63")
)

// Function is one entry of the catalogue. Its exported fields are read-only.
type Function struct {
	Name        string      // as in URLs and job records, such as "fibonacci-sum"
	Title       string      // for a heading, such as "Fibonacci numbers"
	Summary     string      // one sentence for a person
	Definition  string      // the defining formula in plain text
	Notation    string      // template of a label, such as "A({m},{n})"
	Sequence    string      // its number in the OEIS, such as "A000045", or ""
	CostFormula string      // how the cost grows, in plain text
	Parameters  []Parameter // in the order in which they are written
	Methods     []Method    // the default first
	Examples    []Example   // worth trying, from small to large

	order   int                                                               // place in All
	digits  func(a Args) *big.Int                                             // exact length of the result; nil where it cannot be told
	residue func(ctx context.Context, a Args, modulus uint64) (uint64, error) // 1 ≤ modulus ≤ 2^63, the result representable
}

// Parameter is a natural number that a function takes.
type Parameter struct {
	Name        string   // as in the args object, such as "n"
	Title       string   // for a form, such as "Index n"
	Description string   // one sentence for a person
	Examples    []string // accepted spellings, such as "1000000", "1e6"
}

// Method is a way to compute a function.
type Method struct {
	Name        string // as in job records, such as "fast"
	Title       string // for a form
	Description string // one sentence for a person
	Kind        Kind   // of its results; the zero Kind is Digits

	// demand is what Compute, WriteText and the check ask for together, of a method that multiplies large numbers; digits is the exact length of the
	// value. It must not fall as the last argument grows.
	demand func(a Args, digits float64) demand
	// cost is the price of another method, on one core of the machine of the cost model. digits is nil, for a Document only, where the exact length
	// cannot be written down.
	cost    func(a Args, digits *big.Int) price
	compute func(ctx context.Context, a Args, o Options) (Result, error) // o.Progress is not nil
	check   func(ctx context.Context, a Args, text []byte) error         // of a Document: an error if one of its statements is wrong
}

// Kind says what the text of a result is.
type Kind int

// The kinds of results.
const (
	// Digits is the value itself: its decimal digits and nothing else. It exists for values that can be written down.
	Digits Kind = iota
	// Document is a JSON document about the value, which may be too large to be written down. It has at most MaxDocument bytes.
	Document
)

// String returns "digits" or "document".
func (k Kind) String() string {
	if k == Document {
		return "document"
	}
	return "digits"
}

// MaxDocument is the size of the largest Document, in bytes.
const MaxDocument = 1 << 20

// Result is what Compute returns. It hides how the result is held.
type Result interface {
	// WriteText writes the text to w, without a newline at its end, and returns how many bytes it wrote. progress, if not nil, is told the
	// share of the work done, from 0 to 1, never falling; it is called on the caller's goroutine. An error is the context's or the writer's;
	// bytes then says how many had been written. It may be called more than once, also concurrently.
	WriteText(ctx context.Context, w io.Writer, progress func(fraction float64)) (bytes int64, err error)
}

// Example is a set of arguments worth trying.
type Example struct {
	Args   map[string]string // canonical
	Note   string            // one short sentence, such as "A good first job"
	SHA256 string            // of the digits without a newline, in hexadecimal, or "" where not recorded
}

// Method returns the method of that name; "" means DefaultMethod.
func (f *Function) Method(name string) (Method, bool) {
	if name == "" {
		name = DefaultMethod
	}
	for _, m := range f.Methods {
		if m.Name == name {
			return m, true
		}
	}
	return Method{}, false
}

// Label names one computation for a person, as Notation says, without thousands separators: "F(1000000)". Arguments of
// more than 30 digits are shortened in the middle.
func (f *Function) Label(a Args) string {
	var pairs []string
	for i, name := range a.names {
		text := a.values[i].String()
		if len(text) > 30 {
			text = text[:10] + "…" + text[len(text)-10:]
		}
		pairs = append(pairs, "{"+name+"}", text)
	}
	return strings.NewReplacer(pairs...).Replace(f.Notation)
}

// Fingerprint addresses a computation by its content: the first 40 hexadecimal digits of the SHA-256 of function, method,
// ResultFormatVersion and canonical arguments in parameter order, each preceded by its length.
func (f *Function) Fingerprint(a Args, method string) string {
	if method == "" {
		method = DefaultMethod
	}
	parts := []string{f.Name, method, strconv.Itoa(ResultFormatVersion)}
	for i, name := range a.names {
		parts = append(parts, name, a.values[i].String())
	}
	var b []byte
	for _, part := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part))) //nolint:gosec // a part has at most 1,000 bytes
		b = append(b, part...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:20])
}

// Compute returns f(a), exactly, or a Document about it. Within 250 ms of ctx ending it gives up and returns an error that wraps ctx.Err(). Other errors are
// ErrUnknownMethod, ErrNotRepresentable and ErrTooLarge. It checks no Limits: see Estimate.
func (f *Function) Compute(ctx context.Context, a Args, method string, o Options) (Result, error) {
	m, ok := f.Method(method)
	if !ok {
		return nil, fmt.Errorf("%s, method %q: %w", f.Name, method, ErrUnknownMethod)
	}
	if m.Kind == Digits {
		if err := f.checkSize(a); err != nil {
			return nil, err
		}
	}
	if o.Progress == nil {
		o.Progress = func(float64, string) {}
	}
	o.Progress(0, "Starting")
	result, err := m.compute(ctx, a, o)
	if err != nil {
		return nil, fmt.Errorf("compute %s: %w", f.Label(a), err)
	}
	o.Progress(1, "Computed")
	return result, nil
}

// CheckDocument checks a Document that a method of that Kind has made, statement by statement, by other means than Compute's. The error says what
// is wrong, or is the context's.
func (f *Function) CheckDocument(ctx context.Context, a Args, method string, text []byte) error {
	m, ok := f.Method(method)
	if !ok || m.Kind != Document {
		return fmt.Errorf("%s, documents by %q: %w", f.Name, method, ErrUnknownMethod)
	}
	if err := m.check(ctx, a, text); err != nil {
		return fmt.Errorf("check %s: %w", f.Label(a), err)
	}
	return nil
}

// DigitCount returns how many digits f(a) has, or nil if that number has more than 1,000 digits itself.
func (f *Function) DigitCount(a Args) *big.Int {
	if a.length == nil || a.length.of != f {
		return f.countDigits(a)
	}
	a.length.once.Do(func() { a.length.digits = f.countDigits(a) })
	if a.length.digits == nil {
		return nil
	}
	return new(big.Int).Set(a.length.digits)
}

func (f *Function) countDigits(a Args) *big.Int {
	if d := f.digits(a); d != nil && d.Cmp(tooManyDigits) < 0 {
		return d
	}
	return nil
}

func (f *Function) checkSize(a Args) error {
	switch d := f.DigitCount(a); {
	case d == nil:
		return fmt.Errorf("%s: %w", f.Label(a), ErrNotRepresentable)
	case d.Cmp(big.NewInt(maxDigits)) > 0:
		return fmt.Errorf("%s: %w", f.Label(a), ErrTooLarge)
	}
	return nil
}

// Residue returns f(a) mod modulus, 1 ≤ modulus ≤ 2^63, straight from the definition: it shares no code with Compute, so that the two
// check each other. Errors are ErrModulus, ErrNotRepresentable and the context's.
func (f *Function) Residue(ctx context.Context, a Args, modulus uint64) (uint64, error) {
	if modulus == 0 || modulus > 1<<63 {
		return 0, ErrModulus
	}
	if f.DigitCount(a) == nil {
		return 0, fmt.Errorf("%s: %w", f.Label(a), ErrNotRepresentable)
	}
	r, err := f.residue(ctx, a, modulus)
	if err != nil {
		return 0, fmt.Errorf("residue of %s: %w", f.Label(a), err)
	}
	return r, nil
}
