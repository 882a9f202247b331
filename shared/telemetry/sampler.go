package telemetry

import (
	"fmt"
	"strings"
	"sync"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Of new traces this many are kept a second, and this many at once after a pause. Somebody who clicks, and a good many of them, see every one; a
// flood of requests does not pay for each of its own with a tenth of the throughput.
const (
	tracesPerSecond = 20
	tracesAtOnce    = 50
)

// samplerFor returns what chooses the traces that are kept: the limited one, unless OTEL_TRACES_SAMPLER names another, which OpenTelemetry
// then reads itself.
func samplerFor(env environment) []sdk.TracerProviderOption {
	if strings.TrimSpace(env("OTEL_TRACES_SAMPLER")) != "" {
		return nil
	}
	return []sdk.TracerProviderOption{sdk.WithSampler(newLimited(tracesPerSecond, tracesAtOnce, time.Now))}
}

// limited keeps whole traces, up to a number a second. What goes on in a process, and from process to process, is kept if its begin was; a
// request from outside is where a trace begins for us, whatever it brings, but one that says that it is not to be kept is not.
type limited struct {
	rate, burst float64
	now         func() time.Time

	mu   sync.Mutex
	left float64
	last time.Time
}

func newLimited(rate, burst float64, now func() time.Time) *limited {
	return &limited{rate: rate, burst: burst, now: now, left: burst, last: now()}
}

// ShouldSample decides over a span that begins.
func (l *limited) ShouldSample(p sdk.SamplingParameters) sdk.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	keep := parent.IsSampled()
	if !parent.IsValid() || keep && parent.IsRemote() && p.Kind == trace.SpanKindServer {
		keep = l.take()
	}
	result := sdk.SamplingResult{Decision: sdk.Drop, Tracestate: parent.TraceState()}
	if keep {
		result.Decision = sdk.RecordAndSample
	}
	return result
}

// Description names the sampler.
func (l *limited) Description() string {
	return fmt.Sprintf("limited{%.0f a second}", l.rate)
}

// take uses up one of the traces that may be kept now, if there is one.
func (l *limited) take() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.left = min(l.burst, l.left+now.Sub(l.last).Seconds()*l.rate)
	l.last = now
	if l.left < 1 {
		return false
	}
	l.left--
	return true
}
