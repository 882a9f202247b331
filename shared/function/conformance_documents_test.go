package function

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
)

// documents yields every function with each of its methods that makes a Document.
func documents(yield func(f *Function, method string) bool) {
	for f, method := range everyMethod {
		if m, _ := f.Method(method); m.Kind == Document && !yield(f, method) {
			return
		}
	}
}

// documentOf computes a Document.
func documentOf(t *testing.T, f *Function, a Args, method string) string {
	t.Helper()
	return digitsOf(t, watched(t, f, a, method))
}

// checkDocument computes a Document of f(a) twice and has it checked.
func checkDocument(t *testing.T, f *Function, a Args, method string) {
	t.Helper()
	text := documentOf(t, f, a, method)
	if !json.Valid([]byte(text)) || len(text) > MaxDocument || text[len(text)-1] != '}' {
		t.Errorf("%s: %d bytes are not JSON, more than a Document may have, or not trimmed:\n%s", f.Label(a), len(text), text)
	}
	if again := documentOf(t, f, a, method); again != text {
		t.Errorf("%s: computed again it is\n%s\nnot\n%s", f.Label(a), again, text)
	}
	if err := f.CheckDocument(t.Context(), a, method, []byte(text)); err != nil {
		t.Errorf("the check refuses what was computed: %v\n%s", err, text)
	}
}

// checkHugeDocument computes a Document of f(a) and has it checked, which no argument is too large for.
func checkHugeDocument(t *testing.T, f *Function, a Args, method string) {
	t.Helper()
	if err := f.CheckDocument(t.Context(), a, method, []byte(documentOf(t, f, a, method))); err != nil {
		t.Errorf("the check refuses what was computed: %v", err)
	}
}

// leaf is where a value that is neither object nor array stands in a JSON text.
type leaf struct {
	from, to int
	path     string
}

// leaves finds every value that is neither object nor array.
func leaves(t *testing.T, text string) []leaf {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var all []leaf
	var walk func(path string)
	next := func() json.Token {
		token, err := decoder.Token()
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		return token
	}
	walk = func(path string) {
		from := int(decoder.InputOffset())
		token := next()
		delim, isDelim := token.(json.Delim)
		if !isDelim {
			for slices.Contains([]byte(" :,\n"), text[from]) {
				from++
			}
			all = append(all, leaf{from, int(decoder.InputOffset()), path})
			return
		}
		for decoder.More() {
			name := path + "[]"
			if delim == '{' {
				name, _ = next().(string)
				name = path + "." + name
			}
			walk(name)
		}
		next()
	}
	walk("")
	return all
}

// corrupt changes one value: a digit of it to another, a letter, true to false, null to something.
func corrupt(rnd *rand.Rand, value string) string {
	switch value {
	case "null":
		return `"7"`
	case "true":
		return "false"
	case "false":
		return "true"
	}
	b := []byte(value)
	var places []int
	for i, c := range b {
		if '0' <= c && c <= '9' {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return value[:1] + "x" + value[1:]
	}
	i := places[rnd.IntN(len(places))]
	b[i] = '0' + (b[i]-'0'+byte(1+rnd.IntN(9)))%10
	return string(b)
}

// TestChecksCatchEveryCorruption changes each statement of a Document, the longer ones at several places.
func TestChecksCatchEveryCorruption(t *testing.T) {
	t.Parallel()
	for f, method := range documents {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			rnd := rand.New(rand.NewPCG(seed, 2))
			for _, a := range documentArgs(t, f) {
				text := documentOf(t, f, a, method)
				for _, l := range leaves(t, text) {
					for range min(1+(l.to-l.from)/300, 4) {
						wrong := text[:l.from] + corrupt(rnd, text[l.from:l.to]) + text[l.to:]
						if f.CheckDocument(t.Context(), a, method, []byte(wrong)) == nil {
							t.Errorf("seed %d, %s: the check does not see that %s is wrong in\n%s", seed, f.Label(a), l.path, wrong)
						}
					}
				}
				for _, wrong := range []string{"", "{}", "null", "[]", text + "\n", text + text, text[:len(text)-1], " " + text} {
					if f.CheckDocument(t.Context(), a, method, []byte(wrong)) == nil {
						t.Errorf("the check of %s accepts %.40q", f.Label(a), wrong)
					}
				}
			}
		})
	}
}

// documentArgs returns a few arguments, the last of them so many times the last example that the value is long.
func documentArgs(t *testing.T, f *Function) []Args {
	t.Helper()
	a := exampleArgs(t, f, f.Examples[len(f.Examples)-1])
	var all []Args
	for _, n := range []string{"0", "5", "40", "2000", "10^6", "10^18", "10^40"} {
		x, err := parseNumber(n)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a.withLast(x))
	}
	return all
}

func TestChecksOfDocumentsRefuse(t *testing.T) {
	t.Parallel()
	for f, method := range documents {
		t.Run(f.Name+"/"+method, func(t *testing.T) {
			t.Parallel()
			all := documentArgs(t, f)
			a, other := all[4], all[5]
			text := documentOf(t, f, a, method)
			if err := f.CheckDocument(t.Context(), other, method, []byte(text)); err == nil {
				t.Errorf("what is true of %s passes for %s", f.Label(a), f.Label(other))
			}
			if err := f.CheckDocument(t.Context(), a, DefaultMethod, []byte(text)); !errors.Is(err, ErrUnknownMethod) {
				t.Errorf("the check of a document by %q: got %v, want ErrUnknownMethod", DefaultMethod, err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := f.CheckDocument(ctx, a, method, []byte(text)); !errors.Is(err, context.Canceled) {
				t.Errorf("the check after its context has ended: got %v, want context.Canceled", err)
			}
		})
	}
}
