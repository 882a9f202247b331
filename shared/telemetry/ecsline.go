package telemetry

import (
	"context"
	"encoding/hex"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// ecsTime is RFC 3339 in UTC to the microsecond, always as long.
const ecsTime = "2006-01-02T15:04:05.000000Z"

// line is a line of JSON that is being written.
type line struct {
	buf    []byte
	places []place // of the fields that may be given another value
	other  encoder // of values that have no short way
}

// place is where a field stands in a line: from its key on, which a comma and a quotation mark come before, from its value on, and up to its end.
type place struct{ key, value, end int }

// maxKept is how long the memory of a line may be that is kept for others.
const maxKept = 64 << 10

// freeLines are those that nobody writes at the moment.
var freeLines sync.Pool

// newLine returns an empty line.
func newLine() *line {
	l, ok := freeLines.Get().(*line)
	if !ok {
		return new(line)
	}
	l.buf, l.places = l.buf[:0], l.places[:0]
	return l
}

// free gives a line back, of which nothing may be used any more.
func (l *line) free() {
	if cap(l.buf) <= maxKept && cap(l.other.out) <= maxKept {
		freeLines.Put(l)
	}
}

// begin writes what each line has.
func (l *line) begin(r *slog.Record, who []byte) {
	at := r.Time
	if at.IsZero() {
		at = time.Now() // a line without a time belongs nowhere
	}
	l.buf = append(l.buf, `{"@timestamp":"`...)
	l.buf = appendECSTime(l.buf, at)
	l.buf = append(l.buf, '"')
	l.buf = append(l.buf, who...)
	l.buf = append(l.buf, `,"log.level":"`...)
	l.buf = append(l.buf, levelName(r.Level)...)
	l.buf = append(l.buf, `","message":`...)
	l.text(bounded(hideUserInfo(r.Message)))
}

// appendECSTime appends a time as ecsTime has it, for which time.Time is slower.
func appendECSTime(buf []byte, t time.Time) []byte {
	buf = t.UTC().AppendFormat(buf, time.RFC3339)
	dot := len(buf) - 1
	const second = int64(time.Second / time.Microsecond)
	buf = strconv.AppendInt(buf[:dot], second+int64(t.Nanosecond())/int64(time.Microsecond), 10) // with a 1 in front, for its zeros
	buf[dot] = '.'
	return append(buf, 'Z')
}

// ids writes what the context knows about where the line belongs.
func (l *line) ids(ctx context.Context) {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		traceID, spanID := span.TraceID(), span.SpanID()
		l.id("trace.id", traceID[:])
		l.id("span.id", spanID[:])
	}
	if id, ok := ctx.Value(jobKey{}).(string); ok {
		l.open("", "job.id")
		l.text(id)
		l.close()
	}
}

func (l *line) id(key string, id []byte) {
	l.open("", key)
	l.buf = append(l.buf, '"')
	l.buf = hex.AppendEncode(l.buf, id)
	l.buf = append(l.buf, '"')
	l.close()
}

// fields writes fields that were written before, into text.
func (l *line) fields(text []byte, places []place) {
	for _, p := range places {
		by := len(l.buf) - (p.key - len(`,"`))
		l.buf = append(l.buf, text[p.key-len(`,"`):p.end]...)
		l.places = append(l.places, place{p.key + by, p.value + by, 0})
		l.close()
	}
}

// open begins a field. Its value comes next, and then close.
func (l *line) open(prefix, key string) {
	l.buf = append(l.buf, `,"`...)
	at := len(l.buf)
	l.buf = appendEscaped(l.buf, prefix)
	l.buf = appendEscaped(l.buf, key)
	l.buf = append(l.buf, `":`...)
	l.places = append(l.places, place{key: at, value: len(l.buf)})
}

// close ends a field. If there is one of that name it gets the value instead. Names that are not UTF-8 are the same if they are so once written.
func (l *line) close() {
	last := len(l.places) - 1
	p := &l.places[last]
	p.end = len(l.buf)
	key := l.buf[p.key:p.value]
	for i, q := range l.places[:last] {
		if q.value-q.key == len(key) && string(l.buf[q.key:q.value]) == string(key) {
			l.places = l.places[:last]
			l.replace(i, *p)
			return
		}
	}
}

// replace takes the last field out of the line, and gives its value to another.
func (l *line) replace(i int, last place) {
	p := l.places[i]
	value := slices.Clone(l.buf[last.value:])
	l.buf = slices.Replace(l.buf[:last.key-len(`,"`)], p.value, p.end, value...)
	by := len(value) - (p.end - p.value)
	l.places[i].end += by
	for j := range l.places[i+1:] {
		q := &l.places[i+1+j]
		q.key, q.value, q.end = q.key+by, q.value+by, q.end+by
	}
}
