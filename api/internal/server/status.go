package server

import (
	"context"
	"math"
	"net/http"
	"time"

	"numbermill/api"
)

// getStatus tells how this process has been doing. Other processes have their own story.
func (s *Server) getStatus(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	sum := s.traffic.sum()
	d := api.ServiceStatus{
		Status: s.readiness(ctx).Status, Version: s.Version, StartedAt: s.traffic.started.UTC().Truncate(time.Millisecond),
		UptimeSeconds: seconds(time.Since(s.traffic.started)), WindowSeconds: seconds(s.traffic.window()),
		Requests: api.RequestCounts{Total: sum.total, Failed: sum.failed},
	}
	if sum.total > 0 {
		share := float64(sum.total-sum.failed) / float64(sum.total)
		d.Availability = &share
	}
	if p50, ok := sum.percentile(0.5); ok {
		p95, _ := sum.percentile(0.95)
		p99, _ := sum.percentile(0.99)
		d.LatencyMS = &api.Latency{P50: rounded(p50), P95: rounded(p95), P99: rounded(p99)}
	}
	if s.History != nil {
		d.Platform = s.levels.get(ctx, s.History, s.HistoryTimeout)
	}
	return s.answer(w, r, http.StatusOK, d)
}

func seconds(d time.Duration) float64 { return rounded(d.Seconds()) }

// rounded has two decimals.
func rounded(v float64) float64 { return math.Round(v*100) / 100 }
