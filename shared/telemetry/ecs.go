package telemetry

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// ecsVersion is the version of the Elastic Common Schema that JSON lines keep to.
const ecsVersion = "8.17.0"

// own is what stands before each field that the schema does not have.
const own = "numbermill."

// maxText is how many bytes of one text a line has at most.
const maxText = 16 << 10

// known are the attributes that the schema has a field for, wherever they are logged.
var known = map[string]string{
	"error": "error.message", "function": "function", "job_id": "job.id", "request_id": "http.request.id",
	"trace_id": "trace.id", "span_id": "span.id",
}

// ofRequests are those that it has one for in the line of a request: the one with a route.
var ofRequests = map[string]string{
	"method": "http.request.method", "route": "http.route", "status": "http.response.status_code", "bytes": "http.response.body.bytes",
}

// ecsHandler writes records as lines of JSON in the Elastic Common Schema. Keys have dots rather than levels, and none stands in a line
// twice. Values look as slog.JSONHandler writes them.
type ecsHandler struct {
	out    *shared // takes whole lines
	level  slog.Leveler
	who    []byte  // the identity, after the time
	prefix string  // of the open groups: own, and each with a dot
	with   []byte  // the fields of With, written once
	places []place // of those in with
}

// newECS returns a handler whose lines begin with the time and then who.
func newECS(w io.Writer, level slog.Leveler, who []slog.Attr) *ecsHandler {
	if level == nil {
		level = slog.LevelInfo
	}
	l := new(line)
	for _, a := range who {
		l.open("", a.Key)
		l.value(a.Value)
		l.close()
	}
	return &ecsHandler{out: &shared{w: w}, level: level, who: l.buf, prefix: own}
}

func field(key string, v slog.Value) slog.Attr { return slog.Attr{Key: key, Value: v} }

// Enabled reports whether records of a level are written.
func (h *ecsHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle writes a record.
func (h *ecsHandler) Handle(ctx context.Context, r slog.Record) error {
	l := newLine()
	defer l.free()
	l.begin(&r, h.who)
	l.ids(ctx)
	l.fields(h.with, h.places)
	request := false
	r.Attrs(func(a slog.Attr) bool {
		request = h.prefix == own && a.Key == "route"
		return !request
	})
	r.Attrs(func(a slog.Attr) bool {
		l.attr(h.prefix, a, request)
		return true
	})
	l.buf = append(l.buf, "}\n"...)
	_, err := h.out.Write(l.buf)
	return err
}

// WithAttrs returns a handler whose records have attrs in the open group.
func (h *ecsHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	l := newLine()
	defer l.free()
	l.fields(h.with, h.places)
	for _, a := range attrs {
		l.attr(h.prefix, a, false)
	}
	more := *h
	more.with, more.places = bytes.Clone(l.buf), slices.Clone(l.places)
	return &more
}

// WithGroup returns a handler that puts what follows into a group.
func (h *ecsHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	more := *h
	more.prefix += name + "."
	return &more
}

// attr appends an attribute, or all that a group has, under the names of the schema and without secrets.
func (l *line) attr(prefix string, a slog.Attr, request bool) {
	kind := a.Value.Kind()
	if kind == slog.KindLogValuer {
		a.Value = a.Value.Resolve()
		kind = a.Value.Kind()
	}
	secret := maybeSecret(a.Key)
	switch {
	case a.Key == "" && a.Equal(slog.Attr{}):
		return
	case kind == slog.KindGroup && (!secret || !isSecret(a.Key)):
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, one := range a.Value.Group() {
			l.attr(prefix, one, request)
		}
		return
	case secret || kind == slog.KindAny:
		a = redact(nil, a)
	case kind == slog.KindString:
		a.Value = slog.StringValue(hideUserInfo(a.Value.String()))
	}
	l.named(prefix, a, request)
}

// named appends a field under its name, with the value in its unit.
func (l *line) named(prefix string, a slog.Attr, request bool) {
	value := a.Value
	switch value.Kind() {
	case slog.KindString:
		value = slog.StringValue(bounded(value.String()))
	case slog.KindAny:
		if err, ok := value.Any().(error); ok {
			value = slog.StringValue(bounded(err.Error()))
		}
	default:
	}
	name := ""
	if prefix == own {
		name = known[a.Key]
		switch {
		case a.Key == "duration_ms" && value.Kind() == slog.KindFloat64:
			name, value = "event.duration", slog.Int64Value(int64(value.Float64()*float64(time.Millisecond)))
		case name == "" && request:
			name = ofRequests[a.Key]
		}
	}
	if name != "" {
		l.open("", name)
	} else {
		l.open(prefix, a.Key)
	}
	l.value(value)
	l.close()
}

// levelName is the level as the schema writes it.
func levelName(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "error"
	case l >= slog.LevelWarn:
		return "warn"
	case l >= slog.LevelInfo:
		return "info"
	}
	return "debug"
}

// bounded cuts a text that is too long for a line.
func bounded(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}
