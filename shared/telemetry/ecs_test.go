package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// dice makes whatever may be logged.
type dice struct{ *rand.Rand }

func pick[T any](d dice, of ...T) T { return of[d.IntN(len(of))] }

// key is one of few, so that many come twice.
func (d dice) key() string {
	return pick(d, "a", "b", "n", "error", "function", "job_id", "trace_id", "span_id", "request_id", "duration_ms", "method", "route", "status",
		"bytes", "",
		"password", "API_KEY", "job.token", "keyword", "\u212a", "api_\u212aey", "apikey\u00e9", "time", "level", "msg",
		"@timestamp", "q\"uote", "new\nline", "gr\u00fc\u00dfe", "k\xff", strings.ToValidUTF8(d.text(), ""))
}

// text is of all kinds of pieces: plain, to be escaped, invalid, secret and long.
func (d dice) text() string {
	var s strings.Builder
	for range d.IntN(5) {
		s.WriteString(pick(d, "plain ", "<a&b>", "\"q\\", "\n\r\t",
			"\b\f\x00\x1f\x7f", "\xff", "\xe2\x80", "\u2028\u2029", "\ufffd", "é€😀", "://u:p@h/x", "http://h/a@b",
			string(rune(d.IntN(0x11000))), string([]byte{byte(d.IntN(256))})))
	}
	if d.IntN(100) == 0 {
		s.WriteString(strings.Repeat("é", maxText/2-d.IntN(3)))
	}
	return s.String()
}

func (d dice) float() float64 {
	return pick(d, 0, math.Copysign(0, -1), 1.5, -2.25, 1e20, 1e21, -1e21, 1e-6, 9.9e-7,
		math.MaxFloat64, math.SmallestNonzeroFloat64, math.NaN(), math.Inf(1), math.Inf(-1),
		d.Float64(), d.NormFloat64()*math.Pow(10, float64(d.IntN(60)-30)))
}

func (d dice) time() time.Time {
	zone := pick(d, time.UTC, time.FixedZone("", 3600*d.IntN(12)+60*d.IntN(60)), time.FixedZone("west", -5*3600))
	at := time.Unix(d.Int64N(1<<34)-1<<32, d.Int64N(1e9)).In(zone)
	return pick(d, at, at, at.Truncate(time.Second), at.Truncate(time.Millisecond), time.Time{}, time.Date(9999, 12, 31,
		23, 59, 59, 999_999_999, time.UTC))
}

// late is a value that is resolved when it is logged.
type late struct{ v slog.Value }

// LogValue is the value.
func (l late) LogValue() slog.Value { return l.v }

// panicking panics in encoding/json.
type panicking struct{ N int }

// MarshalJSON panics.
func (p *panicking) MarshalJSON() ([]byte, error) { panic(fmt.Sprint("no JSON: ", p.N)) }

// failing fails in encoding/json.
type failing struct{}

// MarshalJSON fails.
func (failing) MarshalJSON() ([]byte, error) { return nil, errors.New("no \"JSON\"") }

// failure is both a Marshaler and an error.
type failure struct{ text string }

// Error is its text.
func (f failure) Error() string { return f.text }

// MarshalJSON is not to be asked.
func (f failure) MarshalJSON() ([]byte, error) { return []byte(`{"code":1}`), nil }

func (d dice) any() any {
	return pick[any](d, nil, errors.New(d.text()), fmt.Errorf("open: %w", errors.New(d.text())), failure{d.text()},
		told{d.text()}, []string{d.text(), d.text()},
		map[string]string{"n": d.text(), d.text(): "b"}, map[string]any{"x": d.float()}, struct {
			A int    `json:"a"`
			B string `json:"b,omitempty"`
		}{d.IntN(9), d.text()}, make(chan int), func() {}, []byte(d.text()), json.RawMessage(`{"a":  [1, "<"]}`), json.RawMessage("{"), (*panicking)(nil),
		&panicking{3}, failing{},
		[]any{1, "a", nil, 1e30}, slog.LevelWarn, json.Number("12"), complex(1, 2), new(int), (*int)(nil), slog.Attr{Key: "k"}, float32(0.1))
}

func (d dice) value(depth int) slog.Value {
	kinds := 12
	if depth > 3 {
		kinds = 9
	}
	switch d.IntN(kinds) {
	case 0, 1:
		return slog.StringValue(d.text())
	case 2:
		return slog.Int64Value(d.Int64() >> d.IntN(64) * int64(pick(d, 1, -1)))
	case 3:
		return slog.Uint64Value(d.Uint64() >> d.IntN(64))
	case 4:
		return slog.Float64Value(d.float())
	case 5:
		return slog.BoolValue(d.IntN(2) == 0)
	case 6:
		return slog.DurationValue(time.Duration(d.Int64() >> d.IntN(64)))
	case 7:
		return slog.TimeValue(d.time())
	case 9:
		return slog.AnyValue(late{d.value(depth + 1)})
	case 10:
		return slog.GroupValue(d.attrs(depth + 1)...)
	case 11:
		return slog.Value{}
	}
	return slog.AnyValue(d.any())
}

func (d dice) attrs(depth int) []slog.Attr {
	var attrs []slog.Attr
	for range d.IntN(7) {
		attrs = append(attrs, slog.Attr{Key: d.key(), Value: d.value(depth)})
	}
	if d.IntN(20) == 0 {
		attrs = append(attrs, slog.Attr{})
	}
	return attrs
}

// TestECSAgainstReference: lines are, byte for byte, what slog.JSONHandler makes of the same records.
func TestECSAgainstReference(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	d := dice{rand.New(rand.NewPCG(seed, 0))}
	for i := range 4000 {
		var got, want bytes.Buffer
		var level slog.Leveler
		if d.IntN(2) == 0 {
			level = slog.Level(d.IntN(12) - 6)
		}
		who := []slog.Attr{field("process.pid", slog.IntValue(7)), field("service.name", slog.StringValue(d.text()))}[:d.IntN(3)]
		var a, b slog.Handler = newECS(&got, level, who), newReference(&want, level, who)
		for range d.IntN(4) {
			if d.IntN(3) == 0 {
				name := d.key()
				a, b = a.WithGroup(name), b.WithGroup(name)
				continue
			}
			attrs := d.attrs(0)
			_, _ = a.WithAttrs(d.attrs(0)), b.WithAttrs(attrs) // what others grow does not show
			a, b = a.WithAttrs(attrs), b.WithAttrs(attrs)
		}
		ctx := t.Context()
		if d.IntN(2) == 0 {
			ctx = WithJob(ctx, d.text())
		}
		if d.IntN(2) == 0 {
			ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
				TraceID: trace.TraceID{byte(i), 0xab}, SpanID: trace.SpanID{2, byte(i)},
			}))
		}
		for range 2 { // the second on memory that was used
			at := d.time()
			if at.IsZero() {
				at = time.Unix(0, 1)
			}
			r := slog.NewRecord(at, slog.Level(d.IntN(16)-6), d.text(), 0)
			r.AddAttrs(d.attrs(0)...)
			if a.Enabled(ctx, r.Level) != b.Enabled(ctx, r.Level) {
				t.Fatalf("level %v of %v: got %v", r.Level, level, a.Enabled(ctx, r.Level))
			}
			if errA, errB := a.Handle(ctx, r), b.Handle(ctx, r); errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
		}
		if at := differ(got.Bytes(), want.Bytes()); at >= 0 {
			t.Fatalf("pair %d of seed %d differs at %d:\n got %.200q\nwant %.200q", i, seed, at, got.Bytes()[at:], want.Bytes()[at:])
		}
	}
}

// differ returns where two texts begin to differ, and a little before, or -1.
func differ(a, b []byte) int {
	if bytes.Equal(a, b) {
		return -1
	}
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return max(0, at-60)
}

// TestMaybeSecret: nothing that names a secret is passed over.
func TestMaybeSecret(t *testing.T) {
	t.Parallel()
	for _, name := range secretNames {
		for _, key := range []string{name, strings.ToUpper(name), "redis_" + name, "x." + strings.ToUpper(name)} {
			if !maybeSecret(key) || !isSecret(key) {
				t.Errorf("%s passes for no secret", key)
			}
		}
	}
}

// TestTimesOfALine: a line without a time gets one, and a year that RFC 3339 has no place for does not spoil it.
func TestTimesOfALine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := slog.NewRecord(time.Time{}, slog.LevelInfo, "m", 0)
	r.AddAttrs(slog.Time("far", time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)))
	if err := newECS(&out, nil, nil).Handle(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	line := map[string]string{}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("read %s: %v", &out, err)
	}
	at, err := time.Parse(ecsTime, line["@timestamp"])
	if err != nil || time.Since(at) > time.Hour || !strings.HasPrefix(line["numbermill.far"], "!ERROR:") {
		t.Errorf("got %s, want the time of now, and an error in place of the year", &out)
	}
}

// TestKeysThatLookAlike: keys that are the same once they are written stand in a line once.
func TestKeysThatLookAlike(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	slog.New(newECS(&out, nil, nil)).Info("m", field("k\xff", slog.IntValue(1)), field("k\xfe", slog.IntValue(2)))
	if want := `,"message":"m","numbermill.k\ufffd":2}` + "\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %s, want %s at its end", &out, want)
	}
}
