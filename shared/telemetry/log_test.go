package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"
)

// logTo returns a logger like a program's.
func logTo(t *testing.T, cfg Log) *slog.Logger {
	t.Helper()
	l, err := logging(cfg, []slog.Attr{field("process.pid", slog.IntValue(7)), field("service.name", slog.StringValue("numbermill-test"))})
	if err != nil {
		t.Fatal(err)
	}
	return l.all
}

// logged returns the one line in out, without what every line has.
func logged(t *testing.T, out *bytes.Buffer) map[string]any {
	t.Helper()
	line := map[string]any{}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("read the log line: %v", err)
	}
	for _, key := range []string{"@timestamp", "log.level", "message", "process.pid", "service.name"} {
		if line[key] == nil {
			t.Errorf("the line %s has no %s", out, key)
		}
		delete(line, key)
	}
	return line
}

// TestBeginOfALine: the time comes first, then what no other process has.
func TestBeginOfALine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logTo(t, Log{Writer: &out}).Warn("hello", slog.Int("n", 1))
	at, rest, _ := strings.Cut(strings.TrimPrefix(out.String(), `{"@timestamp":"`), `"`)
	if when, err := time.Parse(ecsTime, at); err != nil || time.Since(when) > time.Hour {
		t.Errorf("got the time %q (%v), want this hour in UTC with microseconds", at, err)
	}
	want := `,"process.pid":7,"service.name":"numbermill-test","log.level":"warn","message":"hello","numbermill.n":1}` + "\n"
	if diff := cmp.Diff(want, rest); diff != "" {
		t.Errorf("the rest of the line (-want +got):\n%s", diff)
	}
}

func TestFieldsOfALine(t *testing.T) {
	t.Parallel()
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := WithJob(trace.ContextWithSpanContext(t.Context(), span), "job_7")
	ids := map[string]any{"trace.id": span.TraceID().String(), "span.id": span.SpanID().String(), "job.id": "job_7"}
	a := slog.String("a", "b")
	tests := map[string]struct {
		logger func(*slog.Logger) *slog.Logger
		attrs  []slog.Attr
		want   map[string]any
	}{
		"none":  {nil, nil, nil},
		"plain": {nil, []slog.Attr{slog.Int("n", 1), slog.Bool("b", true)}, map[string]any{"numbermill.n": 1.0, "numbermill.b": true}},
		"of the schema": {
			nil,
			[]slog.Attr{
				slog.Any("error", errors.New("it broke")), slog.String("function", "factorial"), slog.String("job_id", "job_8"),
				slog.String("request_id", "r1"), slog.Float64("duration_ms", 1.5),
			},
			map[string]any{"error.message": "it broke", "function": "factorial", "job.id": "job_8", "http.request.id": "r1", "event.duration": 1.5e6},
		},
		"a request": {
			nil,
			[]slog.Attr{slog.String("method", "GET"), slog.String("route", "/v1/jobs/{id}"), slog.Int("status", 200), slog.Int64("bytes", 7)},
			map[string]any{
				"http.request.method": "GET", "http.route": "/v1/jobs/{id}", "http.response.status_code": 200.0, "http.response.body.bytes": 7.0,
			},
		},
		"what only looks like one": {
			nil,
			[]slog.Attr{slog.String("method", "recursive"), slog.Int64("bytes", 7)},
			map[string]any{"numbermill.method": "recursive", "numbermill.bytes": 7.0},
		},
		"with": {func(l *slog.Logger) *slog.Logger { return l.With(a) }, []slog.Attr{slog.Int("n", 1)}, map[string]any{"numbermill.a": "b", "numbermill.n": 1.0}},
		"groups": {
			func(l *slog.Logger) *slog.Logger {
				return l.With(a).WithGroup("g").With(slog.String("c", "d")).WithGroup("").WithGroup("h")
			},
			[]slog.Attr{slog.Int("error", 1), slog.Group("i", slog.Int("n", 2)), slog.Group("", slog.Int("inline", 3)), slog.Group("empty")},
			map[string]any{"numbermill.a": "b", "numbermill.g.c": "d", "numbermill.g.h.error": 1.0, "numbermill.g.h.i.n": 2.0, "numbermill.g.h.inline": 3.0},
		},
		"no key twice": {
			func(l *slog.Logger) *slog.Logger { return l.With(a) },
			[]slog.Attr{slog.String("a", "c"), slog.String("a", "d"), slog.String("trace_id", "t")},
			map[string]any{"numbermill.a": "d", "trace.id": "t"},
		},
		"values": {
			nil,
			[]slog.Attr{slog.Any("map", map[string]int{"x": 1}), slog.Duration("took", 5), slog.Any("nothing", nil), slog.String("long", strings.Repeat("é", maxText))},
			map[string]any{
				"numbermill.map": map[string]any{"x": 1.0}, "numbermill.took": 5.0, "numbermill.nothing": nil,
				"numbermill.long": strings.Repeat("é", maxText/2) + "…",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			logger := logTo(t, Log{Writer: &out})
			if tt.logger != nil {
				logger = tt.logger(logger)
			}
			logger.LogAttrs(ctx, slog.LevelInfo, "m", tt.attrs...)
			want := maps.Clone(ids)
			maps.Copy(want, tt.want)
			if diff := cmp.Diff(want, logged(t, &out)); diff != "" {
				t.Errorf("the line differs (-want +got):\n%s", diff)
			}
			if keys := strings.Count(out.String(), `"trace.id"`); keys != 1 {
				t.Errorf("%s has trace.id %d times, want once", out.String(), keys)
			}
		})
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	for level, want := range map[slog.Level]string{
		slog.LevelDebug: "debug", slog.LevelInfo: "info", slog.LevelInfo + 1: "info", slog.LevelWarn: "warn", slog.LevelError: "error", slog.LevelError + 4: "error",
	} {
		if got := levelName(level); got != want {
			t.Errorf("%v: got %s, want %s", level, got, want)
		}
	}
}

// told is a value that is written as its String says.
type told struct{ text string }

// String is what it says.
func (s told) String() string { return s.text }

func TestLoggerHidesSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	const url = "redis://user:" + secret + "@host:6379/0"
	attrs := []slog.Attr{
		slog.String("redis_password", secret),
		slog.String("authorization", secret),
		slog.String("api_key", secret),
		slog.Group("kibana", slog.String("token", secret)),
		slog.Any("secret", struct{ V string }{secret}),
		slog.String("url", url),
		slog.Any("error", errors.New("dial "+url+": refused")),
		slog.Any("stringer", told{url}),
		slog.Any("several", []string{"http://host", url}),
		slog.Group("request", slog.String("cookie", secret), slog.Group("deeper", slog.String("url", url))),
		slog.Group("credentials", slog.String("user", secret)),
	}
	loggers := map[string]func(*slog.Logger, slog.Attr){
		"plain": func(l *slog.Logger, a slog.Attr) { l.LogAttrs(t.Context(), slog.LevelInfo, "m", a) },
		"with":  func(l *slog.Logger, a slog.Attr) { l.With(a).InfoContext(t.Context(), "m") },
		"group": func(l *slog.Logger, a slog.Attr) { l.WithGroup("g").LogAttrs(t.Context(), slog.LevelInfo, "m", a) },
	}
	for _, format := range []Format{FormatJSON, FormatText} {
		for how, write := range loggers {
			for _, a := range attrs {
				var out bytes.Buffer
				write(logTo(t, Log{Writer: &out, Format: format}), a)
				if got := out.String(); strings.Contains(got, secret) || !strings.Contains(got, "REDACTED") {
					t.Errorf("%s, %s: %v is written as %q, want it without the secret", format, how, a.Key, got)
				}
			}
		}
		var out bytes.Buffer
		logTo(t, Log{Writer: &out, Format: format}).Info("look at " + url)
		logTo(t, Log{Writer: &out, Format: format}).Info("m", slog.Any("error", errors.New("GET http://host/path@x: refused")))
		if got := out.String(); strings.Count(got, "REDACTED") != 1 || strings.Contains(got, secret) {
			t.Errorf("%s: got %q, want the password hidden and nothing else", format, got)
		}
	}
}

func TestFormatAndLevel(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg  Log
		log  func(*slog.Logger)
		want string
	}{
		"a file gets JSON":      {Log{}, func(l *slog.Logger) { l.Info("m") }, `"message":"m"`},
		"text has no colours":   {Log{Format: FormatText}, func(l *slog.Logger) { l.Info("m", slog.String("k", "v")) }, "INF m k=v\n"},
		"debug is not written":  {Log{}, func(l *slog.Logger) { l.Debug("m") }, ""},
		"debug if it is wanted": {Log{Level: slog.LevelDebug}, func(l *slog.Logger) { l.Debug("m") }, `"log.level":"debug"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			tt.cfg.Writer = &out
			tt.log(logTo(t, tt.cfg))
			if got := out.String(); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("got %q, want %q in it", got, tt.want)
			}
		})
	}
}

// TestTextIDs: text has the ids under the names that they had before there was a schema.
func TestTextIDs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logTo(t, Log{Writer: &out, Format: FormatText}).With(slog.String("a", "b")).WithGroup("g").InfoContext(WithJob(t.Context(), "job_7"), "m", slog.Int("n", 1))
	if got := out.String(); !strings.HasSuffix(got, "INF m a=b job_id=job_7 g.n=1\n") {
		t.Errorf("got %q, want the id of the job outside of the group", got)
	}
}

func BenchmarkLine(b *testing.B) {
	l, err := logging(Log{Writer: discard{}}, []slog.Attr{field("process.pid", slog.IntValue(7))})
	if err != nil {
		b.Fatal(err)
	}
	ctx := WithJob(b.Context(), "job_7")
	for b.Loop() {
		l.all.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("request_id", "r"), slog.String("method", "POST"), slog.String("route", "/v1/jobs"),
			slog.Int("status", 202), slog.Int64("bytes", 900), slog.Float64("duration_ms", 1.2))
	}
}

type discard struct{}

// Write takes anything.
func (discard) Write(p []byte) (int, error) { return len(p), nil }
