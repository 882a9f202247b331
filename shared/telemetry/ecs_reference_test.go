package telemetry

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"time"
)

// reference writes what ecsHandler is to write, by slog.JSONHandler: plainly, and slowly.
type reference struct {
	out    slog.Handler // writes @timestamp, the identity and what it is given
	prefix string       // of the open groups, "" or ending in a dot
	attrs  []slog.Attr  // of With
}

// newReference returns a handler whose lines begin with the time and then who.
func newReference(w io.Writer, level slog.Leveler, who []slog.Attr) *reference {
	out := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: atFirst})
	return &reference{out: out.WithAttrs(who)}
}

// atFirst makes of what slog puts into each line by itself what is to come first: the time. The rest comes where the schema's fields do.
func atFirst(groups []string, a slog.Attr) slog.Attr {
	switch {
	case len(groups) > 0:
	case a.Key == slog.TimeKey:
		return field("@timestamp", slog.StringValue(a.Value.Time().UTC().Format(ecsTime)))
	case a.Key == slog.LevelKey, a.Key == slog.MessageKey:
		return slog.Attr{}
	}
	return a
}

// Enabled reports whether records of a level are written.
func (h *reference) Enabled(ctx context.Context, level slog.Level) bool {
	return h.out.Enabled(ctx, level)
}

// Handle writes a record.
func (h *reference) Handle(ctx context.Context, r slog.Record) error {
	const few = 16
	fields := make([]slog.Attr, 0, few)
	fields = append(fields, field("log.level", slog.StringValue(levelName(r.Level))),
		field("message", slog.StringValue(bounded(hideUserInfo(r.Message)))))
	for _, a := range ids(ctx) {
		fields = put(fields, known[a.Key], a.Value)
	}
	request := false
	r.Attrs(func(a slog.Attr) bool {
		request = h.prefix == "" && a.Key == "route"
		return !request
	})
	for _, a := range h.attrs {
		fields = put(fields, a.Key, a.Value)
	}
	r.Attrs(func(a slog.Attr) bool {
		fields = flatten(fields, h.prefix, a, request)
		return true
	})
	if r.Time.IsZero() {
		r.Time = time.Now() // a line without a time belongs nowhere
	}
	line := slog.NewRecord(r.Time, r.Level, "", 0)
	line.AddAttrs(fields...)
	return h.out.Handle(ctx, line)
}

// WithAttrs returns a handler whose records have attrs in the open group.
func (h *reference) WithAttrs(attrs []slog.Attr) slog.Handler {
	more := *h
	more.attrs = slices.Clone(h.attrs)
	for _, a := range attrs {
		more.attrs = flatten(more.attrs, h.prefix, a, false)
	}
	return &more
}

// WithGroup returns a handler that puts what follows into a group.
func (h *reference) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	more := *h
	more.prefix += name + "."
	return &more
}

// flatten appends an attribute, or all that a group has, under the names of the schema and without secrets.
func flatten(fields []slog.Attr, prefix string, a slog.Attr, request bool) []slog.Attr {
	a.Value = a.Value.Resolve()
	if a.Equal(slog.Attr{}) {
		return fields
	}
	if a.Value.Kind() != slog.KindGroup || isSecret(a.Key) {
		key, value := named(prefix, redact(nil, a), request)
		return put(fields, key, value)
	}
	if a.Key != "" {
		prefix += a.Key + "."
	}
	for _, one := range a.Value.Group() {
		fields = flatten(fields, prefix, one, request)
	}
	return fields
}

// named returns the field that an attribute is, and its value in the field's unit.
func named(prefix string, a slog.Attr, request bool) (string, slog.Value) {
	value := a.Value
	if value.Kind() == slog.KindString {
		value = slog.StringValue(bounded(value.String()))
	} else if value.Kind() == slog.KindAny {
		if err, ok := value.Any().(error); ok {
			value = slog.StringValue(bounded(err.Error()))
		}
	}
	switch {
	case prefix != "":
	case a.Key == "duration_ms" && value.Kind() == slog.KindFloat64:
		return "event.duration", slog.Int64Value(int64(value.Float64() * float64(time.Millisecond)))
	case known[a.Key] != "":
		return known[a.Key], value
	case request && ofRequests[a.Key] != "":
		return ofRequests[a.Key], value
	}
	return own + prefix + a.Key, value
}

// put appends a field, or gives it another value if it is there.
func put(fields []slog.Attr, key string, v slog.Value) []slog.Attr {
	for i := range fields {
		if fields[i].Key == key {
			fields[i].Value = v
			return fields
		}
	}
	return append(fields, field(key, v))
}
