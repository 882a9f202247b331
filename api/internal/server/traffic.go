package server

import (
	"math"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// trafficMinutes is how many minutes are looked back on.
	trafficMinutes = 60
	// trafficSteps is how many steps of latency are told apart; each is half as long again as the one before, up to 50 seconds and more.
	trafficSteps = 32
	// firstStep is the first step of latency in milliseconds.
	firstStep = 0.25
	stepRatio = 1.5
)

// traffic counts how requests were answered in the last hour, minute by minute, in a few kilobytes whatever happens.
//
// Probes and what is no request to the API do not count, nor do requests whose client went away. Long polls, event streams and downloads
// count, but not their duration, which is the client's doing.
type traffic struct {
	mu      sync.Mutex
	started time.Time
	minutes [trafficMinutes]trafficMinute
}

// trafficMinute is what happened in the minute with a number, counted from the start.
type trafficMinute struct {
	number        int64
	total, failed int64
	latency       [trafficSteps]int64
}

func newTraffic() *traffic { return &traffic{started: time.Now()} }

// counts tells whether requests to a route are counted.
func counts(route string) bool { return strings.HasPrefix(route, "/v1/") && route != "/v1/status" }

// lasts tells whether it was up to the client how long its request took.
func lasts(route string, h http.Header) bool {
	return strings.HasSuffix(route, "/events") || strings.HasSuffix(route, "/result") ||
		strings.Contains(h.Get("Preference-Applied"), "wait=") && !strings.Contains(h.Get("Preference-Applied"), "wait=0")
}

// add counts one request that was just answered.
func (t *traffic) add(status int, took time.Duration, timed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	number := t.minute()
	m := &t.minutes[number%trafficMinutes]
	if m.number != number {
		*m = trafficMinute{number: number}
	}
	m.total++
	if status >= http.StatusInternalServerError {
		m.failed++
	}
	if timed {
		m.latency[stepOf(took)]++
	}
}

// minute is the number of the present minute, by the clock that nobody sets.
func (t *traffic) minute() int64 { return int64(time.Since(t.started) / time.Minute) }

// sum is what happened within the hour.
func (t *traffic) sum() trafficMinute {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, all := t.minute(), trafficMinute{}
	for i := range t.minutes {
		m := &t.minutes[i]
		if now-m.number >= trafficMinutes {
			continue
		}
		all.total += m.total
		all.failed += m.failed
		for step, n := range m.latency {
			all.latency[step] += n
		}
	}
	return all
}

// window is how much time sum looks back on.
func (t *traffic) window() time.Duration {
	return min(time.Since(t.started), trafficMinutes*time.Minute)
}

func stepOf(took time.Duration) int {
	ms := float64(took.Nanoseconds()) / 1e6
	if ms <= firstStep {
		return 0
	}
	return min(int(math.Ceil(math.Log(ms/firstStep)/math.Log(stepRatio))), trafficSteps-1)
}

// percentile is the latency in milliseconds that a share of the requests kept to, as exactly as the steps tell; ok is false without any.
func (m trafficMinute) percentile(share float64) (ms float64, ok bool) {
	all := int64(0)
	for _, n := range m.latency {
		all += n
	}
	if all == 0 {
		return 0, false
	}
	rank, below := share*float64(all), 0.0
	for step, n := range m.latency {
		if n > 0 && below+float64(n) >= rank {
			least := 0.0
			most := firstStep * math.Pow(stepRatio, float64(step))
			if step > 0 {
				least = most / stepRatio
			}
			return least + (most-least)*max(0, rank-below)/float64(n), true
		}
		below += float64(n)
	}
	return firstStep * math.Pow(stepRatio, trafficSteps-1), true
}
