package plainjson

import (
	"slices"
	"strconv"
	"strings"
)

// Reader takes a text apart from its beginning. Once something else stands there than is asked for, it has failed, and all that it gives is empty.
type Reader struct {
	rest   string
	failed bool
}

// NewReader returns a reader of the text, of which what it gives are parts.
func NewReader(text string) *Reader { return &Reader{rest: text} }

// Done tells whether all was as asked for, and nothing is left.
func (r *Reader) Done() bool { return !r.failed && r.rest == "" }

// Has takes the literal if it comes next, and tells whether it did.
func (r *Reader) Has(literal string) (ok bool) {
	if !r.failed {
		r.rest, ok = strings.CutPrefix(r.rest, literal)
	}
	return ok
}

// Want takes the literal, which has to come next.
func (r *Reader) Want(literal string) {
	if !r.Has(literal) {
		r.failed = true
	}
}

// String takes a string of plain characters: printable ASCII without escapes.
func (r *Reader) String() string {
	r.Want(`"`)
	if r.failed {
		return ""
	}
	for i := range len(r.rest) {
		switch c := r.rest[i]; {
		case c == '"':
			text := r.rest[:i]
			r.rest = r.rest[i+1:]
			return text
		case !isPlain(c):
			r.failed = true
			return ""
		}
	}
	r.failed = true
	return ""
}

// Map takes an object of such strings by name.
func (r *Reader) Map() map[string]string {
	texts := map[string]string{}
	r.Want("{")
	if r.Has("}") {
		return texts
	}
	for !r.failed {
		name := r.String()
		r.Want(":")
		texts[name] = r.String()
		if !r.Has(",") {
			r.Want("}")
			break
		}
	}
	if r.failed {
		return nil
	}
	return texts
}

// Int takes a whole number without a fraction and an exponent.
func (r *Reader) Int() int64 {
	n, err := strconv.ParseInt(r.number(false), 10, 64)
	if err != nil {
		r.failed = true
		return 0
	}
	return n
}

// Float takes a number without an exponent.
func (r *Reader) Float() float64 {
	x, err := strconv.ParseFloat(r.number(true), 64)
	if err != nil {
		r.failed = true
		return 0
	}
	return x
}

// number takes the text of a number that encoding/json reads; it is empty if there is none.
func (r *Reader) number(fraction bool) string {
	if r.failed {
		return ""
	}
	text, negative := strings.CutPrefix(r.rest, "-")
	whole := digits(text)
	if whole == 0 || whole > 1 && text[0] == '0' {
		return ""
	}
	end := whole
	if fraction && end < len(text) && text[end] == '.' {
		after := digits(text[end+1:])
		if after == 0 {
			return ""
		}
		end += 1 + after
	}
	if negative {
		end++
	}
	taken := r.rest[:end]
	r.rest = r.rest[end:]
	return taken
}

// digits is how many digits the text begins with.
func digits(text string) int {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return i
		}
	}
	return len(text)
}

// Uint takes a whole number from 0 up that is written as a string, without zeros before it.
func (r *Reader) Uint() uint64 {
	text := r.String()
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || len(text) > 1 && text[0] == '0' {
		r.failed = true
		return 0
	}
	return n
}

// Uints takes a list of such numbers.
func (r *Reader) Uints() []uint64 {
	var few [4]uint64
	numbers := few[:0]
	r.Want("[")
	if r.Has("]") {
		return []uint64{}
	}
	for !r.failed {
		numbers = append(numbers, r.Uint())
		if !r.Has(",") {
			r.Want("]")
			break
		}
	}
	if r.failed {
		return nil
	}
	return slices.Clone(numbers)
}
