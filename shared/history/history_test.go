package history_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/elastictest"
	"numbermill/shared/history"
	"numbermill/shared/job"
	"numbermill/shared/store"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	x, r := setUp(t), chance(t)
	for range 50 {
		j := some(t, r, time.Now().UTC().Truncate(time.Millisecond))
		if j.State == job.Succeeded {
			j.Result.Blob = "secret/place"
		}
		x.write(j)
		got, err := x.Get(t.Context(), j.Owner, j.ID)
		if err != nil {
			t.Fatal(err)
		}
		if j.Result != nil {
			j.Result.Blob = ""
		}
		if len(j.Labels) == 0 {
			j.Labels = nil
		}
		if diff := cmp.Diff(j, got); diff != "" {
			t.Errorf("the job (-want +got):\n%s", diff)
		}
		if _, err := x.Get(t.Context(), "stranger", j.ID); job.CodeOf(err) != job.NotFound {
			t.Errorf("another's job: got %v, want it not found", err)
		}
	}
	if _, err := x.Get(t.Context(), job.LocalOwner, idAt(t, r, time.Now())); job.CodeOf(err) != job.NotFound {
		t.Errorf("no job: got %v, want it not found", err)
	}
}

func TestTheDocumentIsAsDashboardsReadIt(t *testing.T) {
	t.Parallel()
	x, r := setUp(t), chance(t)
	created := time.Date(2026, 1, 31, 12, 0, 0, 250e6, time.UTC)
	j := job.Job{
		ID: idAt(t, r, created), Owner: job.LocalOwner, Fingerprint: fp(1),
		Spec: job.Spec{Function: "fibonacci", Method: "fast", Args: map[string]string{"n": "12"}}, Labels: map[string]string{"run": "a"},
		MaxAttempts: 3, EstimatedCost: 5, Queue: "small", TraceID: "0af7651916cd43dd8448eb211c80319c",
		RetryOf: idAt(t, r, created), Batch: someBatch,
		CreatedAt: created, State: job.Succeeded, Cache: job.Miss, Version: 3, Attempt: 2,
		StartedAt: created.Add(500 * time.Millisecond), FinishedAt: created.Add(1750 * time.Millisecond),
		Result: &job.Result{
			MediaType: job.DigitsType, Bytes: 3, Digits: 3, SHA256: "ab", CPUMillis: 7, Timing: job.Timing{Queue: 1.5, Compute: 2.25, Write: 0.125},
		},
	}
	want := map[string]any{
		"@timestamp": "2026-01-31T12:00:02Z", "job": map[string]any{"id": string(j.ID)}, "trace": map[string]any{"id": j.TraceID},
		"owner": "local", "function": "fibonacci", "method": "fast", "args": map[string]any{"n": "12"}, "labels": map[string]any{"run": "a"},
		"priority": "standard", "size_class": "small", "queue": "small", "batch": string(someBatch), "retry_of": string(j.RetryOf),
		"state": "succeeded", "cache": "miss",
		"created_at": "2026-01-31T12:00:00.25Z", "started_at": "2026-01-31T12:00:00.75Z", "finished_at": "2026-01-31T12:00:02Z",
		"attempt": 2.0, "max_attempts": 3.0, "digits": 3.0, "bytes": 3.0, "sha256": "ab", "cost": map[string]any{"estimated": 5.0, "actual": 7.0},
		"timing_ms": map[string]any{"queue": 1.5, "compute": 2.25, "write": 0.125, "run": 1250.0, "total": 1750.0},
	}
	x.write(j)
	got := x.source(j.ID)
	delete(got, "record")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a result (-want +got):\n%s", diff)
	}

	j.ID, j.Cache = idAt(t, r, created), job.Hit
	j.StartedAt, j.FinishedAt = created, created
	x.write(j)
	if diff := cmp.Diff(map[string]any{"queue": 0.0, "run": 0.0, "total": 0.0}, x.source(j.ID)["timing_ms"]); diff != "" {
		t.Errorf("times of a hit (-want +got):\n%s", diff)
	}

	j.ID, j.Cache, j.State, j.Result = idAt(t, r, created), job.Miss, job.Failed, nil
	j.StartedAt, j.FinishedAt, j.Failure = time.Time{}, created.Add(time.Second), &job.Failure{Code: "poisoned", Detail: "It is refused."}
	x.write(j)
	got = x.source(j.ID)
	if diff := cmp.Diff(map[string]any{"code": "poisoned", "message": "It is refused."}, got["error"]); diff != "" {
		t.Errorf("a failure (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"total": 1000.0}, got["timing_ms"]); diff != "" {
		t.Errorf("times of what never began (-want +got):\n%s", diff)
	}
	for _, absent := range []string{"started_at", "digits", "bytes", "sha256"} {
		if _, ok := got[absent]; ok {
			t.Errorf("what never began has %s", absent)
		}
	}
	// Everything that is written is mapped, so that it can be searched for.
	for _, query := range []string{
		"error.code:poisoned", "error.message:refused", "job.id:" + string(j.ID), "trace.id:" + j.TraceID, "args.n:12", "timing_ms.total:1000",
	} {
		if n := x.node.Count(x.index, strings.ReplaceAll(query, "-", `\-`)); n == 0 {
			t.Errorf("nothing is found by %s", query)
		}
	}
}

func TestAgainAndLateChangesNothing(t *testing.T) {
	t.Parallel()
	x, r := setUp(t), chance(t)
	a, b := some(t, r, time.Now()), some(t, r, time.Now())
	a.Owner, b.Owner = job.LocalOwner, job.LocalOwner
	x.write(a)
	changed := a
	changed.TraceID = "another"
	x.write(changed, b)
	if got, err := x.Get(t.Context(), job.LocalOwner, a.ID); err != nil || got.TraceID != a.TraceID {
		t.Errorf("got %+v, %v, want it as it was written first", got, err)
	}
	never := idAt(t, r, time.Now())
	for range 2 {
		done, err := x.Erase(t.Context(), []job.ID{a.ID, never})
		if diff := cmp.Diff([]job.ID{a.ID, never}, done); diff != "" || err != nil {
			t.Errorf("erased: %v (-want +got):\n%s", err, diff)
		}
	}
	x.write(a) // a bulk that was under way
	if _, err := x.Get(t.Context(), job.LocalOwner, a.ID); job.CodeOf(err) != job.NotFound {
		t.Errorf("an erased job: got %v, want it not found", err)
	}
	found, err := x.Search(t.Context(), job.LocalOwner, store.Filter{}, nil, 10)
	if err != nil || len(found) != 1 || found[0].ID != b.ID {
		t.Errorf("found %v, %v, want the other one alone", found, err)
	}
}

func TestAPoisonousDocumentDoesNotStopTheRest(t *testing.T) {
	t.Parallel()
	x, r := setUp(t), chance(t)
	var jobs []job.Job
	for range 20 {
		jobs = append(jobs, some(t, r, time.Now()))
	}
	poison := jobs[7].ID
	jobs[7].Attempt = 1 << 40 // more than the mapping takes
	w, err := x.Write(t.Context(), jobs, false)
	if err != nil || len(w.Done) != 19 || slices.Contains(w.Done, poison) {
		t.Errorf("%d are done, %v, want all others", len(w.Done), err)
	}
	if diff := cmp.Diff([]job.ID{poison}, slices.Collect(maps.Keys(w.Refused))); diff != "" || !strings.Contains(w.Refused[poison], "attempt") {
		t.Errorf("refused (-want +got):\n%s\nbecause %s", diff, w.Refused[poison])
	}
}

func TestMuchIsWrittenInSeveralBulks(t *testing.T) {
	t.Parallel()
	x, r := setUp(t), chance(t)
	jobs := make([]job.Job, 20)
	for i := range jobs {
		jobs[i] = some(t, r, time.Now())
		jobs[i].Failure = &job.Failure{Code: "long", Detail: strings.Repeat("x", 1<<20)}
	}
	x.write(jobs...)
}

func TestWithoutItsIndexNothingIsWritten(t *testing.T) {
	t.Parallel()
	x, r := bare(t), chance(t)
	if err := x.Check(t.Context()); !errors.Is(err, history.ErrNotReady) || job.CodeOf(err) != job.Unavailable {
		t.Errorf("no index: got %v, want it not ready", err)
	}
	_, err := x.Get(t.Context(), job.LocalOwner, idAt(t, r, time.Now()))
	if !errors.Is(err, history.ErrNotReady) {
		t.Errorf("get without an index: got %v, want it not ready", err)
	}
	if _, err := x.Search(t.Context(), job.LocalOwner, store.Filter{}, nil, 1); !errors.Is(err, history.ErrNotReady) {
		t.Errorf("search without an index: got %v, want it not ready", err)
	}
	// A mapping that Elasticsearch has guessed is none of ours.
	guessed := elastictest.Name()
	t.Cleanup(func() { x.node.Ask(http.MethodDelete, "/"+guessed, nil) })
	x.node.Call(http.MethodPost, "/"+guessed+"/_doc", `{"job":{"id":"x"},"record":{"id":"x"}}`)
	if err := x.open(history.Config{URL: x.node.URL(), Index: guessed}).Check(t.Context()); !errors.Is(err, history.ErrNotReady) {
		t.Errorf("a guessed mapping: got %v, want it not ready", err)
	}
	x.node.Apply(os.DirFS("../../infra/elasticsearch"))
	x.node.Call(http.MethodPut, "/"+x.index, nil)
	if err := x.Check(t.Context()); err != nil {
		t.Errorf("with the index: got %v", err)
	}
}

// calls are one of each kind.
func calls(h *history.History, j job.Job) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"check":  h.Check,
		"write":  func(ctx context.Context) error { _, err := h.Write(ctx, []job.Job{j}, false); return err },
		"erase":  func(ctx context.Context) error { _, err := h.Erase(ctx, []job.ID{j.ID}); return err },
		"get":    func(ctx context.Context) error { _, err := h.Get(ctx, j.Owner, j.ID); return err },
		"levels": func(ctx context.Context) error { _, err := h.Levels(ctx, time.Hour); return err },
		"search": func(ctx context.Context) error {
			_, err := h.Search(ctx, j.Owner, store.Filter{}, nil, 1)
			return err
		},
	}
}

// away are Elasticsearches that do not do what they should. The password is in their URLs.
func away(t *testing.T) map[string]string {
	t.Helper()
	answering := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("X-Elastic-Product", "Elasticsearch")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0") // it accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	t.Cleanup(func() { _ = silent.Close() })
	return map[string]string{
		"nobody":     closed.Addr().String(),
		"silent":     silent.Addr().String(),
		"starting":   answering(http.StatusServiceUnavailable, `{"error":{"type":"cluster_block_exception","reason":"state not recovered"}}`),
		"busy":       answering(http.StatusTooManyRequests, `{"error":"too busy"}`),
		"other user": answering(http.StatusUnauthorized, `{"error":{"type":"security_exception","reason":"unable to authenticate user [worker]"}}`),
		"no role":    answering(http.StatusForbidden, `{"error":{"type":"security_exception","reason":"action is unauthorized"}}`),
		"garbage":    answering(http.StatusOK, `<html>`),
		"cut short":  answering(http.StatusOK, `{"took":1,`),
		"its proxy":  answering(http.StatusBadGateway, `<html>`),
	}
}

func TestAnElasticsearchThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	j := some(t, chance(t), time.Now())
	for name, address := range away(t) {
		h, err := history.Open(history.Config{URL: "http://worker:hunter2@" + address})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.Close)
		for what, call := range calls(h, j) {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				err := call(ctx)
				if err == nil || job.CodeOf(err) != job.Unavailable || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("got %v, with code %q, want it unavailable, without the password", err, job.CodeOf(err))
				}
			})
		}
	}
}

func TestOpenRefusesWhatIsNoURL(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "http://", "http://u:hunter2@%zz", "http://u:hunter2@:\x7f", "elastic"} {
		if _, err := history.Open(history.Config{URL: text}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v, want an error without the password", text, err)
		}
	}
}
