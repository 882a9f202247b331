package telemetry

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// encoder writes values by encoding/json. It is made when it is first needed.
type encoder struct {
	json *json.Encoder
	out  encoded
}

// encoded is what an encoder wrote.
type encoded []byte

// Write appends.
func (e *encoded) Write(p []byte) (int, error) {
	*e = append(*e, p...)
	return len(p), nil
}

// errYear is that RFC 3339 has four digits for a year.
var errYear = errors.New("time.Time year outside of range [0,9999]")

// value appends a value. One that cannot be written is told of in its place.
func (l *line) value(v slog.Value) {
	switch v.Kind() {
	case slog.KindString:
		l.text(v.String())
	case slog.KindInt64:
		l.buf = strconv.AppendInt(l.buf, v.Int64(), 10)
	case slog.KindUint64:
		l.buf = strconv.AppendUint(l.buf, v.Uint64(), 10)
	case slog.KindFloat64:
		l.float(v.Float64())
	case slog.KindBool:
		l.buf = strconv.AppendBool(l.buf, v.Bool())
	case slog.KindDuration:
		l.buf = strconv.AppendInt(l.buf, int64(v.Duration()), 10)
	case slog.KindTime:
		l.time(v.Time())
	default:
		l.any(v.Any())
	}
}

func (l *line) wrong(err error) { l.text(fmt.Sprintf("!ERROR:%v", err)) }

// float appends a number as encoding/json does: like JavaScript.
func (l *line) float(f float64) {
	const small, large = 1e-6, 1e21
	size := math.Abs(f)
	if f == 0 || size >= small && size < large {
		l.buf = strconv.AppendFloat(l.buf, f, 'f', -1, 64)
		return
	}
	l.any(f)
}

// time appends a time in its own zone.
func (l *line) time(t time.Time) {
	if year := t.Year(); year < 0 || year > 9999 {
		l.wrong(errYear)
		return
	}
	l.buf = append(l.buf, '"')
	l.buf = t.AppendFormat(l.buf, time.RFC3339Nano)
	l.buf = append(l.buf, '"')
}

// any appends what encoding/json makes of a value. Those of whoever logs must not end the program, even if they panic.
func (l *line) any(v any) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if v := reflect.ValueOf(v); v.Kind() == reflect.Pointer && v.IsNil() {
			l.text("<nil>")
			return
		}
		l.text(fmt.Sprintf("!PANIC: %v", p))
	}()
	e := &l.other
	if e.json == nil {
		e.json = json.NewEncoder(&e.out)
		e.json.SetEscapeHTML(false)
	}
	e.out = e.out[:0]
	if err := e.json.Encode(v); err != nil {
		l.wrong(err)
		return
	}
	l.buf = append(l.buf, e.out[:len(e.out)-len("\n")]...)
}

// text appends a string.
func (l *line) text(s string) {
	l.buf = append(l.buf, '"')
	l.buf = appendEscaped(l.buf, s)
	l.buf = append(l.buf, '"')
}

// appendEscaped appends what stands between the quotation marks of a string, as slog.JSONHandler writes it.
func appendEscaped(buf []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return escape(append(buf, s[:i]...), s[i:])
		}
	}
	return append(buf, s...)
}

// escape appends any string.
func escape(buf []byte, s string) []byte {
	const digits = "0123456789abcdef"
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '"' || r == '\\':
			buf = append(buf, '\\', s[i])
		case r == '\n':
			buf = append(buf, `\n`...)
		case r == '\r':
			buf = append(buf, `\r`...)
		case r == '\t':
			buf = append(buf, `\t`...)
		case r < ' ':
			buf = append(buf, `\u00`...)
			buf = append(buf, digits[r>>4], digits[r&0xf])
		case r == utf8.RuneError && size == 1:
			buf = append(buf, `\ufffd`...)
		case r == '\u2028' || r == '\u2029': // JavaScript ends a line there
			buf = append(buf, `\u202`...)
			buf = append(buf, digits[r&0xf])
		default:
			buf = append(buf, s[i:i+size]...)
		}
		i += size
	}
	return buf
}

// secretEnds has, under the last letter of the names of secrets, a bit for each letter that stands before it.
var secretEnds = func() (ends [32]uint32) {
	for _, name := range secretNames {
		ends[name[len(name)-1]&31] |= 1 << (name[len(name)-2] & 31)
	}
	return ends
}()

// maybeSecret tells keys that may name a secret from those that do not, much faster than isSecret. It does not look at the case of letters.
func maybeSecret(key string) bool {
	if len(key) < 2 {
		return false
	}
	last, before := key[len(key)-1], key[len(key)-2]
	return last >= utf8.RuneSelf || before >= utf8.RuneSelf || secretEnds[last&31]>>(before&31)&1 == 1
}
