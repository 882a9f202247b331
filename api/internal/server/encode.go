package server

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"numbermill/api"
)

// largestKept is how many bytes a buffer may have that is kept for another answer.
const largestKept = 64 << 10

// buffers are for answers, so that each does not need one of its own.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// encoded calls use with the document as a line of JSON, which is gone afterwards.
func encoded(document any, use func([]byte)) error {
	kept, ok := buffers.Get().(*[]byte)
	if !ok {
		kept = new([]byte) // it holds nothing else
	}
	line, err := appendDocument((*kept)[:0], document)
	if err != nil {
		return err
	}
	use(line)
	if cap(line) <= largestKept {
		*kept = line
		buffers.Put(kept)
	}
	return nil
}

// appendDocument appends what encoding/json makes of a document, and ends the line. Jobs, which almost all answers are, it writes by itself.
func appendDocument(b []byte, document any) ([]byte, error) {
	switch d := document.(type) {
	case api.Job:
		return append(appendJob(b, &d), '\n'), nil
	case api.JobList:
		return append(appendJobList(b, &d), '\n'), nil
	}
	w := bytes.NewBuffer(b)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	err := e.Encode(document)
	return w.Bytes(), err
}

// What follows appends values as encoding/json writes them without escaping HTML.

const null = "null"

func appendText[T ~string](b []byte, text T) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(string(text[i:]))
		if c >= utf8.RuneSelf && (r != utf8.RuneError || size > 1) && r != '\u2028' && r != '\u2029' {
			i += size
			continue
		}
		b = append(b, text[from:i]...)
		b = appendEscaped(b, r)
		i += size
		from = i
	}
	return append(append(b, text[from:]...), '"')
}

func appendEscaped(b []byte, r rune) []byte {
	const hexadecimal = "0123456789abcdef"
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	case utf8.RuneError: // of bytes that are no UTF-8
		return append(b, `\ufffd`...)
	}
	return append(b, '\\', 'u', hexadecimal[r>>12&15], hexadecimal[r>>8&15], hexadecimal[r>>4&15], hexadecimal[r&15])
}

func appendTextOrNull[T ~string](b []byte, text *T) []byte {
	if text == nil {
		return append(b, null...)
	}
	return appendText(b, *text)
}

func appendTexts(b []byte, texts []string) []byte {
	if texts == nil {
		return append(b, null...)
	}
	b = append(b, '[')
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, text)
	}
	return append(b, ']')
}

func appendTextMap(b []byte, texts map[string]string) []byte {
	if texts == nil {
		return append(b, null...)
	}
	var few [4]string
	names := few[:0]
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, name), ':')
		b = appendText(b, texts[name])
	}
	return append(b, '}')
}

func appendTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func appendTimeOrNull(b []byte, t *time.Time) []byte {
	if t == nil {
		return append(b, null...)
	}
	return appendTime(b, *t)
}

// appendFloat writes a number, which is neither infinite nor none.
func appendFloat(b []byte, x float64) []byte {
	if size := math.Abs(x); size != 0 && (size < 1e-6 || size >= 1e21) {
		if text, err := json.Marshal(x); err == nil {
			return append(b, text...)
		}
	}
	return strconv.AppendFloat(b, x, 'f', -1, 64)
}

func appendFloatOrNull(b []byte, x *float64) []byte {
	if x == nil {
		return append(b, null...)
	}
	return appendFloat(b, *x)
}

func appendSeconds(b []byte, s *api.Seconds) []byte {
	if s == nil {
		return append(b, null...)
	}
	b = appendFloat(append(b, '['), s[0])
	return append(appendFloat(append(b, ','), s[1]), ']')
}
