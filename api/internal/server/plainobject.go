package server

import "github.com/go-json-experiment/json/jsontext"

// deepest is how many levels of objects the plain form has: a submission has two.
const deepest = 4

// plainObject takes an object apart by one level, and tells how long it is, if its values are texts without escapes, whole numbers and objects of
// such, and no name appears twice. ok is false of all else, valid or not: the decoder, which takes some times as long, is then to say what it is.
func plainObject(b []byte, levels int) (o object, length int, ok bool) {
	if levels == 0 || len(b) == 0 || b[0] != '{' {
		return o, 0, false
	}
	o = object{values: map[string]jsontext.Value{}}
	at := skipSpace(b, 1)
	if at < len(b) && b[at] == '}' {
		return o, at + 1, true
	}
	for {
		name := plainValue(b[at:], 0)
		if name == 0 || b[at] != '"' {
			return o, 0, false
		}
		key := string(b[at+1 : at+name-1])
		if at = skipSpace(b, at+name); at == len(b) || b[at] != ':' {
			return o, 0, false
		}
		at = skipSpace(b, at+1)
		value := plainValue(b[at:], levels-1)
		if _, twice := o.values[key]; twice || value == 0 {
			return o, 0, false
		}
		o.names = append(o.names, key)
		o.values[key] = b[at : at+value : at+value]
		if at = skipSpace(b, at+value); at == len(b) {
			return o, 0, false
		}
		switch b[at] {
		case '}':
			return o, at + 1, true
		case ',':
			at = skipSpace(b, at+1)
		default:
			return o, 0, false
		}
	}
}

// plainValue tells how long the value is that b begins with; 0 if it is not of the plain form.
func plainValue(b []byte, levels int) (length int) {
	if len(b) == 0 {
		return 0
	}
	switch c := b[0]; {
	case c == '"':
		for i, c := range b[1:] {
			switch {
			case c == '"':
				return i + len(`""`)
			case c < ' ' || c > '~' || c == '\\':
				return 0
			}
		}
	case c == '{':
		_, length, _ = plainObject(b, levels)
	case c >= '1' && c <= '9':
		for length < len(b) && b[length] >= '0' && b[length] <= '9' {
			length++
		}
	}
	return length
}

// skipSpace is where the next byte is that is no white space.
func skipSpace(b []byte, at int) int {
	for at < len(b) && (b[at] == ' ' || b[at] == '\n' || b[at] == '\r' || b[at] == '\t') {
		at++
	}
	return at
}
