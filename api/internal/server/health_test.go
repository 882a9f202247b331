package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/api/internal/server"
	"numbermill/shared/redistest"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	h := start(t)
	if got := decode[api.Health](t, h.want(h.get("/healthz", nil), http.StatusOK)); got.Status != api.StatusOK {
		t.Errorf("the status is %s", got.Status)
	}
}

func TestReadinessTellsTheFsyncPolicy(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options []redistest.Option
		want    string
	}{
		"off":      {nil, "off"},
		"always":   {[]redistest.Option{redistest.AppendOnly(t.TempDir())}, "always"},
		"everysec": {[]redistest.Option{redistest.Setting("appendonly", "yes"), redistest.Setting("appendfsync", "everysec")}, "everysec"},
		"no":       {[]redistest.Option{redistest.Setting("appendonly", "yes"), redistest.Setting("appendfsync", "no")}, "no"},
		"unknown":  {nil, "unknown"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := startOn(t, redistest.Start(t, tt.options...))
			if err := h.records.Beat(t.Context(), "worker-1"); err != nil {
				t.Fatal(err)
			}
			if tt.want == "unknown" { // as where CONFIG is forbidden
				if err := h.redis.Do(t.Context(), "ACL", "SETUSER", "default", "-config").Err(); err != nil {
					t.Fatal(err)
				}
			}
			got := decode[api.Readiness](t, h.want(h.get("/readyz", nil), http.StatusOK))
			want := api.Readiness{Status: api.StatusOK, Checks: map[string]api.Check{
				"redis": {Status: api.StatusOK, Fsync: tt.want}, "results": {Status: api.StatusOK}, "workers": {Status: api.StatusOK, Detail: "1 worker"},
			}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("readiness (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadinessWithoutWorkers(t *testing.T) {
	t.Parallel()
	h := start(t)
	got := decode[api.Readiness](t, h.want(h.get("/readyz", nil), http.StatusOK))
	if got.Status != api.StatusDegraded || got.Checks["workers"].Status != api.StatusDegraded {
		t.Errorf("without workers: %+v", got)
	}
	for _, w := range []string{"a", "b"} {
		if err := h.records.Beat(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	got = decode[api.Readiness](t, h.want(h.get("/readyz", nil), http.StatusOK))
	if got.Status != api.StatusOK || got.Checks["workers"].Detail != "2 workers" {
		t.Errorf("with two workers: %+v", got)
	}
}

func TestReadinessWithoutRedis(t *testing.T) {
	t.Parallel()
	s := redistest.New(t)
	h := startOn(t, s.URL())
	s.Kill()
	got := decode[api.Readiness](t, h.want(h.get("/readyz", nil), http.StatusServiceUnavailable))
	if got.Status != api.StatusDown || got.Checks["redis"].Status != api.StatusDown || got.Checks["workers"].Status != api.StatusDegraded {
		t.Errorf("without Redis: %+v", got)
	}
	h.want(h.get("/healthz", nil), http.StatusOK)
}

// noResults is a result store whose disk is full or gone.
type noResults struct{}

func (noResults) Reader(context.Context, string, int64) (io.ReadSeekCloser, error) {
	return nil, errors.New("no disk")
}
func (noResults) Delete(context.Context, string) error { return errors.New("no disk") }
func (noResults) Check(context.Context) error          { return errors.New("no disk") }

func TestReadinessWithoutResults(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.Results = noResults{} })
	got := decode[api.Readiness](t, h.want(h.get("/readyz", nil), http.StatusServiceUnavailable))
	if got.Status != api.StatusDown || got.Checks["results"].Status != api.StatusDown || got.Checks["redis"].Status != api.StatusOK {
		t.Errorf("without results: %+v", got)
	}
	path := h.stored(10, "55")
	h.want(h.do(http.MethodDelete, path[:len(path)-len("/result")], "", nil), http.StatusNoContent)
}
