package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"numbermill/api"
)

// checkTimeout bounds each look at a dependency.
const checkTimeout = 3 * time.Second

func (s *Server) getHealth(w http.ResponseWriter, r *http.Request) error {
	return s.answer(w, r, http.StatusOK, api.Health{Status: api.StatusOK})
}

// getReadiness looks at all dependencies at once. Without a worker jobs are taken and kept, so that is no reason to say no.
func (s *Server) getReadiness(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	answer := s.readiness(ctx)
	status := http.StatusOK
	if answer.Status == api.StatusDown {
		status = http.StatusServiceUnavailable
	}
	return s.answer(w, r, status, answer)
}

// readiness looks at everything within the time of the context.
func (s *Server) readiness(ctx context.Context) api.Readiness {
	checks := map[string]func(context.Context) (api.Check, error){
		"redis": s.checkRedis, "results": s.checkResults, "workers": s.checkWorkers,
	}
	if s.History != nil {
		checks["history"] = s.checkHistory
	}
	if s.withdrawn.Load() {
		checks["draining"] = checkDraining
	}
	answer := api.Readiness{Status: api.StatusOK, Checks: map[string]api.Check{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	for name, check := range checks {
		all.Go(func() {
			c, err := check(ctx)
			if err != nil {
				s.Logger.WarnContext(ctx, "not ready", slog.String("check", name), slog.Any("error", err))
			}
			mu.Lock()
			defer mu.Unlock()
			answer.Checks[name] = c
			answer.Status = worse(answer.Status, c.Status)
		})
	}
	all.Wait()
	return answer
}

// checkDraining says why a process that works is not ready.
func checkDraining(context.Context) (api.Check, error) {
	return api.Check{Status: api.StatusDown, Detail: "This process is draining: it still answers, and is about to be stopped."}, nil
}

func worse(a, b api.Status) api.Status {
	rank := map[api.Status]int{api.StatusOK: 0, api.StatusDegraded: 1, api.StatusDown: 2}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

func (s *Server) checkRedis(ctx context.Context) (api.Check, error) {
	if err := s.Redis.Ping(ctx).Err(); err != nil {
		return api.Check{Status: api.StatusDown, Detail: "Redis does not answer.", Fsync: "unknown"}, err
	}
	return api.Check{Status: api.StatusOK, Fsync: s.fsyncPolicy(ctx)}, nil
}

// fsyncPolicy is how often Redis writes accepted jobs to the disk. Managed services often forbid the question.
func (s *Server) fsyncPolicy(ctx context.Context) string {
	settings, err := s.Redis.ConfigGet(ctx, "append*").Result()
	if err != nil {
		return "unknown"
	}
	switch policy := settings["appendfsync"]; {
	case settings["appendonly"] == "no":
		return "off"
	case settings["appendonly"] == "yes" && (policy == "always" || policy == "everysec" || policy == "no"):
		return policy
	default:
		return "unknown"
	}
}

func (s *Server) checkResults(ctx context.Context) (api.Check, error) {
	if err := s.Results.Check(ctx); err != nil {
		return api.Check{Status: api.StatusDown, Detail: "Results cannot be written."}, err
	}
	return api.Check{Status: api.StatusOK}, nil
}

func (s *Server) checkWorkers(ctx context.Context) (api.Check, error) {
	alive, err := s.Records.Workers(ctx)
	switch {
	case err != nil:
		return api.Check{Status: api.StatusDegraded, Detail: "Nobody knows, since Redis does not answer."}, err
	case alive == 0:
		return api.Check{Status: api.StatusDegraded, Detail: "No worker is alive. Jobs are taken and wait for one."}, nil
	case alive == 1:
		return api.Check{Status: api.StatusOK, Detail: "1 worker"}, nil
	default:
		return api.Check{Status: api.StatusOK, Detail: fmt.Sprintf("%d workers", alive)}, nil
	}
}
