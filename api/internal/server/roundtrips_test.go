package server_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// tripCounter counts how often Redis is asked.
type tripCounter struct{ trips atomic.Int64 }

func (c *tripCounter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (c *tripCounter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.trips.Add(1)
		return next(ctx, cmd)
	}
}

func (c *tripCounter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.trips.Add(1)
		return next(ctx, cmds)
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.places()
	// The first of a process loads the scripts, and announces the queue to Asynq.
	first := h.submitted(1)
	h.finish(h.claimed(), "1")
	h.job(first.ID)
	h.want(h.submit(1, header{"Idempotency-Key": "first"}), http.StatusOK)
	later := `{"function":"fibonacci","args":{"n":13},"run_at":"` + time.Now().Add(time.Hour).UTC().Format(time.RFC3339) + `","deadline_seconds":86400}`
	h.want(h.post(later, nil), http.StatusAccepted)
	counter := &tripCounter{}
	h.redis.AddHook(counter)
	id := h.submitted(10).ID
	etag := h.get("/v1/jobs/"+string(id), nil).Header.Get("ETag")
	for _, tt := range []struct {
		what string
		do   func() reply
		most int64
	}{
		{"submit", func() reply { return h.want(h.submit(11, nil), http.StatusAccepted) }, 1},
		{"submit with a key", func() reply {
			return h.want(h.submit(12, header{"Idempotency-Key": "k"}), http.StatusAccepted)
		}, 3},
		{"submit with the same key", func() reply {
			return h.want(h.submit(12, header{"Idempotency-Key": "k"}), http.StatusAccepted)
		}, 3},
		{"submit for later", func() reply {
			return h.want(h.post(later, nil), http.StatusAccepted)
		}, 2},
		{"submit and join", func() reply { return h.want(h.submit(11, nil), http.StatusAccepted) }, 1},
		{"submit and hit", func() reply { return h.want(h.submit(1, nil), http.StatusOK) }, 1},
		// The other asks for the place in the queue.
		{"read", func() reply { return h.get("/v1/jobs/"+string(id), nil) }, 2},
		{"read with ETag", func() reply { return h.get("/v1/jobs/"+string(id), header{"If-None-Match": etag}) }, 1},
		{"read the end with wait", func() reply { return h.get("/v1/jobs/"+string(first.ID), header{"Prefer": "wait=9"}) }, 1},
		{"result in the record", func() reply { return h.get("/v1/jobs/"+string(first.ID)+"/result", nil) }, 2},
		{"list", func() reply { return h.get("/v1/jobs?page_size=5", nil) }, 3},
		{"refused submission", func() reply { return h.submit(-1, nil) }, 0},
		{"health", func() reply { return h.get("/healthz", nil) }, 0},
	} {
		before := counter.trips.Load()
		tt.do()
		if got := counter.trips.Load() - before; got > tt.most {
			t.Errorf("%s: %d round trips, want at most %d", tt.what, got, tt.most)
		}
	}
}
