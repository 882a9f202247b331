package function

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
)

// Args are the checked arguments of one function, natural numbers of at most 1,000 digits. They come from ParseArgs or ParseText and
// never change. The zero Args belong to no function.
type Args struct {
	names  []string // in parameter order
	values []*big.Int
	length *length // nil if there is nowhere to remember it
}

// length remembers how many digits a result has, which is asked for at every step of a computation.
type length struct {
	of     *Function
	once   sync.Once
	digits *big.Int
}

// Canonical returns the arguments as plain decimal strings, in a map of the caller's own.
func (a Args) Canonical() map[string]string {
	m := make(map[string]string, len(a.names))
	for i, name := range a.names {
		m[name] = a.values[i].String()
	}
	return m
}

// String returns the canonical arguments in parameter order, such as "m=4 n=2". ParseText reads its parts back.
func (a Args) String() string {
	parts := make([]string, len(a.names))
	for i, name := range a.names {
		parts[i] = name + "=" + a.values[i].String()
	}
	return strings.Join(parts, " ")
}

// Big returns a copy of the named argument, or nil if there is none of that name.
func (a Args) Big(name string) *big.Int {
	if i := slices.Index(a.names, name); i >= 0 {
		return new(big.Int).Set(a.values[i])
	}
	return nil
}

// Equal reports whether both hold the same names and values.
func (a Args) Equal(b Args) bool {
	return slices.Equal(a.names, b.names) &&
		slices.EqualFunc(a.values, b.values, func(x, y *big.Int) bool { return x.Cmp(y) == 0 })
}

// get returns the named argument itself, which must not be changed, and panics if it is missing.
func (a Args) get(name string) *big.Int { return a.values[slices.Index(a.names, name)] }

// withLast returns a copy of a whose last argument is v.
func (a Args) withLast(v *big.Int) Args {
	values := slices.Clone(a.values)
	values[len(values)-1] = v
	return Args{names: a.names, values: values}
}

// ArgumentError tells everything that is wrong with a set of arguments, in parameter order, unknown names last.
type ArgumentError struct{ Fields []FieldError }

// FieldError tells what is wrong with one argument.
type FieldError struct {
	Name   string // of the argument
	Detail string // what is wrong and what would be accepted, in one or two sentences
}

// Error names every field and what is wrong with it.
func (e *ArgumentError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, field := range e.Fields {
		parts[i] = field.Name + ": " + field.Detail
	}
	return strings.Join(parts, " ")
}

// ParseArgs reads the args object of a request: each argument a string that parseText accepts, or a JSON number whose value is a
// whole number (1e6, 2.0, -0). The error is an *ArgumentError.
func (f *Function) ParseArgs(raw map[string]json.RawMessage) (Args, error) {
	return parse(f, raw, parseJSON)
}

// ParseText reads arguments given as text, such as the k=v of a command line: digits, which may be grouped by single spaces or
// underscores (1 000 000, 1_000_000), AeB or A^B with A and B in digits. Surrounding white space and leading zeros
// are ignored. The error is an *ArgumentError.
func (f *Function) ParseText(text map[string]string) (Args, error) {
	return parse(f, text, parseNumber)
}

func parse[T any](f *Function, given map[string]T, read func(T) (*big.Int, error)) (Args, error) {
	var a Args
	var problems []FieldError
	for _, p := range f.Parameters {
		value, ok := given[p.Name]
		if !ok {
			problems = append(problems, FieldError{p.Name, p.Name + " is missing. " + accepted + "."})
			continue
		}
		n, err := read(value)
		if err != nil {
			problems = append(problems, FieldError{p.Name, err.Error() + "."})
			continue
		}
		a.names, a.values = append(a.names, p.Name), append(a.values, n)
	}
	if len(problems) > 0 || len(given) > len(a.names) {
		problems = append(problems, unknownArguments(f, given)...)
		return Args{}, &ArgumentError{problems}
	}
	a.length = &length{of: f}
	return a, nil
}

// unknownArguments tells of each argument that the function does not take.
func unknownArguments[T any](f *Function, given map[string]T) (problems []FieldError) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.ContainsFunc(f.Parameters, func(p Parameter) bool { return p.Name == name }) {
			problems = append(problems, FieldError{name, f.unknownArgument(name)})
		}
	}
	return problems
}

func (f *Function) unknownArgument(name string) string {
	names := make([]string, len(f.Parameters))
	for i, p := range f.Parameters {
		names[i] = p.Name
	}
	return fmt.Sprintf("%s takes no argument %s. It takes %s.", f.Name, quote(name), strings.Join(names, " and "))
}
