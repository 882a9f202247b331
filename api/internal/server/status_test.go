package server_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/api/internal/server"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.Version = "1.2.3" })
	if err := h.records.Beat(t.Context(), "worker-1"); err != nil {
		t.Fatal(err)
	}
	first := decode[api.ServiceStatus](t, h.want(h.get("/v1/status", nil), http.StatusOK))
	if first.Requests.Total != 0 || first.Availability != nil || first.LatencyMS != nil || first.Version != "1.2.3" || first.Status != api.StatusOK {
		t.Errorf("before any request: %+v", first)
	}
	h.submitted(10)
	h.get("/v1/jobs/"+strangeID, nil)
	h.get("/healthz", nil)
	h.get("/docs", nil)
	h.get("/v1/nothing", nil)
	got := decode[api.ServiceStatus](t, h.get("/v1/status", nil))
	if got.Requests != (api.RequestCounts{Total: 2}) || got.Availability == nil || *got.Availability != 1 || got.LatencyMS == nil {
		t.Fatalf("after two requests: %+v", got)
	}
	if l := *got.LatencyMS; l.P50 <= 0 || l.P95 < l.P50 || l.P99 < l.P95 {
		t.Errorf("the latencies are %+v", l)
	}
	if got.UptimeSeconds < 0 || got.WindowSeconds > 3600 || !got.StartedAt.Equal(first.StartedAt) {
		t.Errorf("the times are %+v", got)
	}
}

// TestTraffic lets hours pass.
func TestTraffic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		traffic := server.NewTraffic()
		for i := range 1000 {
			status := http.StatusOK
			if i%100 == 0 {
				status = http.StatusServiceUnavailable
			}
			traffic.Add(status, time.Duration(i+1)*time.Millisecond, true)
			traffic.Add(http.StatusOK, time.Minute, false) // a long poll
		}
		total, failed, p50, p99 := traffic.Sum()
		if diff := cmp.Diff([]int64{2000, 10}, []int64{total, failed}); diff != "" {
			t.Errorf("total and failed (-want +got):\n%s", diff)
		}
		if p50 < 400 || p50 > 600 || p99 < 850 || p99 > 1300 {
			t.Errorf("of 1 to 1000 ms p50 is %v and p99 is %v", p50, p99)
		}
		time.Sleep(59 * time.Minute)
		traffic.Add(http.StatusOK, time.Millisecond, true)
		if total, _, _, _ := traffic.Sum(); total != 2001 {
			t.Errorf("59 minutes later: %d requests, want 2001", total)
		}
		time.Sleep(time.Minute)
		if total, failed, _, _ := traffic.Sum(); total != 1 || failed != 0 {
			t.Errorf("an hour later: %d requests, %d failed, want 1 and none", total, failed)
		}
		time.Sleep(100 * time.Hour)
		if total, _, p50, _ := traffic.Sum(); total != 0 || p50 != 0 {
			t.Errorf("days later: %d requests with %v ms", total, p50)
		}
		for _, took := range []time.Duration{0, -time.Second, time.Hour} {
			traffic.Add(http.StatusOK, took, true)
		}
		if _, _, p50, p99 := traffic.Sum(); p50 <= 0 || p99 < 10_000 {
			t.Errorf("of nothing and an hour p50 is %v and p99 is %v", p50, p99)
		}
	})
}

func TestADrainingProcessIsNotReady(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.want(h.get("/readyz", nil), http.StatusOK)
	h.server.Withdraw()
	got := decode[api.Readiness](t, h.want(h.get("/readyz", nil), http.StatusServiceUnavailable))
	if got.Status != api.StatusDown || got.Checks["draining"].Status != api.StatusDown || got.Checks["redis"].Status != api.StatusOK {
		t.Errorf("draining: %+v", got)
	}
	h.submitted(10)
	h.want(h.get("/healthz", nil), http.StatusOK)
}
