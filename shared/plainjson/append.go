// Package plainjson writes and reads the few small objects that go with every job, where the reflection of encoding/json would be a good part of
// what a small job takes. What it writes is byte for byte what encoding/json does; it reads only the plain form of that, and says so where a text
// is not of that form, which encoding/json is then to read.
package plainjson

import (
	"encoding/json"
	"slices"
	"strings"
)

// AppendString appends the text as json.Marshal writes it.
func AppendString(b []byte, text string) []byte {
	for i := range len(text) {
		if !isPlain(text[i]) {
			escaped, _ := json.Marshal(text) //nolint:errchkjson // a string cannot fail
			return append(b, escaped...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

// isPlain tells whether encoding/json writes the byte as it is.
func isPlain(c byte) bool {
	return c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
}

// AppendMap appends the texts by name as json.Marshal writes them: sorted, and null for a nil map.
func AppendMap(b []byte, texts map[string]string) []byte {
	if texts == nil {
		return append(b, "null"...)
	}
	type entry struct{ name, text string }
	var few [8]entry
	sorted := few[:0]
	for name, text := range texts {
		sorted = append(sorted, entry{name, text})
	}
	slices.SortFunc(sorted, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	b = append(b, '{')
	for i, e := range sorted {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, e.name)
		b = append(b, ':')
		b = AppendString(b, e.text)
	}
	return append(b, '}')
}
