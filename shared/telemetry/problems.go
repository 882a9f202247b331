package telemetry

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/go-logr/logr"
)

// tellAgain is how long telemetry says nothing about its own troubles after it has: a collector that is away fails every few seconds.
const tellAgain = time.Minute

// seldom lets one thing be told now and then, with how many it stands for.
type seldom struct {
	mu     sync.Mutex
	last   time.Time
	unsaid int64
}

// take notes n more. It returns how many there were since it was last told, if it is to be told now, else 0.
func (s *seldom) take(now time.Time, n int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaid += n
	if !s.last.IsZero() && now.Sub(s.last) < tellAgain {
		return 0
	}
	told := s.unsaid
	s.last, s.unsaid = now, 0
	return told
}

// problems logs what OpenTelemetry reports, now and then.
type problems struct {
	logger *slog.Logger
	seldom seldom
}

// Handle logs an error, unless one was logged a short while ago.
func (p *problems) Handle(err error) {
	if n := p.seldom.take(time.Now(), 1); n > 0 {
		p.logger.Warn("OpenTelemetry reports a problem; jobs go on",
			slog.Any("error", err), slog.Int64("times", n))
	}
}

// inner is where OpenTelemetry's own log lines go: warnings and errors alone, since others may show settings.
func inner(logger *slog.Logger) logr.Logger { return logr.FromSlogHandler(notBelow{logger.Handler()}) }

// notBelow lets warnings and errors through.
type notBelow struct{ slog.Handler }

// Enabled tells whether a line of a level is written.
func (h notBelow) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs is the same with attributes.
func (h notBelow) WithAttrs(attrs []slog.Attr) slog.Handler {
	return notBelow{h.Handler.WithAttrs(attrs)}
}

// WithGroup is the same with a group.
func (h notBelow) WithGroup(name string) slog.Handler { return notBelow{h.Handler.WithGroup(name)} }
