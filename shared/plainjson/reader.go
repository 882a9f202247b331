package plainjson

import "strings"

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
