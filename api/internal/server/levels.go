package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"numbermill/api"
	"numbermill/shared/history"
)

const (
	// levelsWindow is what time the platform's levels are of: the same as the process's own numbers.
	levelsWindow = trafficMinutes * time.Minute
	// levelsFor is how long they are good for.
	levelsFor = 5 * time.Second
)

// levels is what is known of how the platform has been doing. It is found out by whoever asks when it is too old, one at a time; the others are
// told what was known before.
type levels struct {
	mu     sync.Mutex
	asking bool
	last   *history.Levels // nil if it was never found out
	asked  time.Time
	failed time.Time // since when it cannot be found out; zero if it can
	reason string
}

// get is what is known, a few seconds old at most, or an honest word about why not.
func (l *levels) get(ctx context.Context, from History, timeout time.Duration) *api.Platform {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.asking && time.Since(l.asked) > levelsFor {
		l.asking = true
		l.mu.Unlock()
		asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout) // the answer is for others too
		found, err := from.Levels(asking, levelsWindow)
		cancel()
		l.mu.Lock()
		l.note(found, err)
	}
	return l.tell()
}

func (l *levels) note(found history.Levels, err error) {
	l.asking, l.asked = false, time.Now()
	if err == nil {
		l.last, l.failed = &found, time.Time{}
		return
	}
	if l.failed.IsZero() {
		l.failed = l.asked
	}
	l.reason = "Elasticsearch does not answer as it should."
	if errors.Is(err, context.DeadlineExceeded) {
		l.reason = "Elasticsearch takes too long to answer."
	}
}

func (l *levels) tell() *api.Platform {
	p := &api.Platform{State: api.PlatformCurrent, WindowSeconds: levelsWindow.Seconds(), Uptime: []api.MonitorUptime{}}
	if !l.failed.IsZero() {
		reason := l.reason // it may change before the answer is written
		p.State, p.Reason, p.UnavailableSince = api.PlatformStale, &reason, known(l.failed.UTC().Truncate(time.Millisecond))
	}
	if l.last == nil {
		p.State = api.PlatformUnknown
		if p.Reason == nil { // somebody else asks at this moment, for the first time
			p.Reason = new("It is being found out. Ask again in a moment.")
		}
		return p
	}
	p.AsOf = known(l.last.To.Truncate(time.Millisecond))
	for _, m := range l.last.Uptime {
		p.Uptime = append(p.Uptime, api.MonitorUptime{Monitor: m.ID, Share: m.Share, Checks: m.Checks})
	}
	if a := l.last.Availability; a != nil {
		p.Availability = &api.PlatformAvailability{Share: a.Share, Total: a.Total, Failed: a.Failed}
	}
	if ms := l.last.Latency; ms != nil {
		p.LatencyMS = &api.Latency{P50: rounded(ms.P50), P95: rounded(ms.P95), P99: rounded(ms.P99)}
	}
	return p
}
