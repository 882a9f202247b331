package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// calls are one call of each kind, on records that may exist or not.
func (x *fixture) calls(a store.Attempt, id job.ID) map[string]func(context.Context) error {
	s := x.s
	return map[string]func(context.Context) error{
		"submit":  func(ctx context.Context) error { _, err := s.Submit(ctx, request(fp(2)), manyOpen); return err },
		"get":     func(ctx context.Context) error { _, err := s.Get(ctx, job.LocalOwner, id); return err },
		"get all": func(ctx context.Context) error { _, err := s.GetAll(ctx, []job.ID{id}); return err },
		"list": func(ctx context.Context) error {
			_, _, err := s.List(ctx, job.LocalOwner, store.Filter{}, 1, "")
			return err
		},
		"cancel":   func(ctx context.Context) error { _, err := s.Cancel(ctx, job.LocalOwner, id); return err },
		"delete":   func(ctx context.Context) error { _, err := s.Delete(ctx, job.LocalOwner, id); return err },
		"forget":   func(ctx context.Context) error { return s.Forget(ctx, store.Collected{Fingerprint: fp(2)}) },
		"digits":   func(ctx context.Context) error { _, err := s.Digits(ctx, fp(1)); return err },
		"stored":   func(ctx context.Context) error { _, err := s.IsStored(ctx, fp(1)); return err },
		"blob use": func(ctx context.Context) error { _, err := s.BlobUse(ctx, fp(1), "r", 1, "b"); return err },
		"claim":    func(ctx context.Context) error { _, _, err := s.Claim(ctx, a.Run, "w", true); return err },
		"report":   func(ctx context.Context) error { _, err := s.Report(ctx, a, job.Progress{}); return err },
		"release":  func(ctx context.Context) error { _, err := s.Release(ctx, a); return err },
		"complete": func(ctx context.Context) error { _, err := s.Complete(ctx, a, someResult, ""); return err },
		"fail":     func(ctx context.Context) error { _, _, err := s.Fail(ctx, a, job.Failure{}, false); return err },
		"lose":     func(ctx context.Context) error { _, err := s.Lose(ctx, a); return err },
		"expire":   func(ctx context.Context) error { _, err := s.Expire(ctx, job.LocalOwner, id); return err },
		"start":    func(ctx context.Context) error { _, err := s.StartScheduled(ctx, job.LocalOwner, id); return err },
		"times": func(ctx context.Context) error {
			_, err := s.DueDeadlines(ctx, job.LocalOwner, time.Now(), 1)
			return err
		},
		"timeless": func(ctx context.Context) error { return s.Timeless(ctx, job.LocalOwner, id) },
		"replay": func(ctx context.Context) error {
			_, err := s.Replay(ctx, job.LocalOwner, job.Key{Name: "k"})
			return err
		},
		"answered": func(ctx context.Context) error { return s.Answered(ctx, job.LocalOwner, job.Key{Name: "k"}, 202) },
		"batch":    func(ctx context.Context) error { _, err := s.Batch(ctx, job.LocalOwner, "b"); return err },
		"batches":  func(ctx context.Context) error { _, _, err := s.Batches(ctx, job.LocalOwner, 1, ""); return err },
		"attempts": func(ctx context.Context) error { _, err := s.Attempts(ctx, store.Record{Run: "r"}); return err },
		"logs":     func(ctx context.Context) error { _, _, err := s.Logs(ctx, store.Record{Run: "r"}, 0); return err },
		"log":      func(ctx context.Context) error { return s.AppendLog(ctx, a.Run, []job.LogLine{{}}) },
		"keep":     func(ctx context.Context) error { return s.KeepResult(ctx, "b", 1, time.Now()) },
		"bytes":    func(ctx context.Context) error { _, err := s.ResultBytes(ctx); return err },
		"memory":   func(ctx context.Context) error { _, _, err := s.Memory(ctx); return err },
		"settle":   func(ctx context.Context) error { return s.Settle(ctx, fp(1)) },
		"pending":  func(ctx context.Context) error { _, _, err := s.Pending(ctx, fp(1)); return err },
		"owners":   func(ctx context.Context) error { _, err := s.Owners(ctx); return err },
		"due":      func(ctx context.Context) error { _, err := s.Due(ctx, job.LocalOwner, time.Now(), 1); return err },
		"oldest":   func(ctx context.Context) error { _, err := s.Oldest(ctx, job.LocalOwner, time.Now(), 0, 1); return err },
		"checked":  func(ctx context.Context) error { return s.Checked(ctx, job.LocalOwner, map[job.ID]time.Time{id: {}}) },
		"disown":   func(ctx context.Context) error { return s.Disown(ctx, job.LocalOwner, []job.ID{id}) },
		"beat":     func(ctx context.Context) error { return s.Beat(ctx, "w") },
		"describe": func(ctx context.Context) error { return s.Describe(ctx, "w", store.Description{}) },
		"all":      func(ctx context.Context) error { _, err := s.Descriptions(ctx); return err },
		"leave":    func(ctx context.Context) error { return s.Leave(ctx, "w") },
		"workers":  func(ctx context.Context) error { _, err := s.Workers(ctx); return err },
		"close":    func(ctx context.Context) error { return s.Close(ctx, job.LocalOwner, map[job.ID]time.Time{id: {}}) },
		"retire":   func(ctx context.Context) error { _, err := s.Retire(ctx, job.LocalOwner, id); return err },
		"finished": func(ctx context.Context) error { _, _, err := s.Finished(ctx, job.LocalOwner, 0, 1); return err },
		"shipped":  func(ctx context.Context) error { return s.Shipped(ctx, job.LocalOwner, []job.ID{id}) },
		"aside":    func(ctx context.Context) error { return s.SetAside(ctx, job.LocalOwner, []job.ID{id}) },
		"among":    func(ctx context.Context) error { _, err := s.Unshipped(ctx, job.LocalOwner, []job.ID{id}); return err },
		"erase":    func(ctx context.Context) error { return s.Erase(ctx, job.LocalOwner, id) },
		"erasures": func(ctx context.Context) error { _, err := s.Erasures(ctx, job.LocalOwner, 1); return err },
		"erased":   func(ctx context.Context) error { return s.Erased(ctx, job.LocalOwner, []job.ID{id}) },
		"waiting":  func(ctx context.Context) error { _, err := s.Waiting(ctx, job.LocalOwner); return err },
		"trim": func(ctx context.Context) error {
			_, _, err := s.Trim(ctx, job.LocalOwner, time.Now(), time.Now())
			return err
		},
		"lease": func(ctx context.Context) error { _, err := s.Lease(ctx, "l", "w", time.Second); return err },
	}
}

func TestADeadRedisIsUnavailable(t *testing.T) {
	t.Parallel()
	server := redistest.New(t)
	x := on(t, server.URL())
	sub := x.submit(fp(1))
	a := x.claim(sub.Run)
	server.Kill()
	var wg sync.WaitGroup
	for name, call := range x.calls(a, sub.ID) {
		wg.Go(func() {
			begun := time.Now()
			wantCode(t, name, call(t.Context()), job.Unavailable)
			if took := time.Since(begun); took > 15*time.Second {
				t.Errorf("%s: it took %v to say so", name, took)
			}
		})
	}
	wg.Wait()
}

// A Redis that is stopped accepts connections and commands and answers none.
func TestAHungRedisDoesNotHoldCallersBeyondTheirDeadline(t *testing.T) {
	t.Parallel()
	server := redistest.New(t)
	x := on(t, server.URL())
	sub := x.submit(fp(1))
	a := x.claim(sub.Run)
	info, err := x.rdb.Info(t.Context(), "server").Result()
	if err != nil {
		t.Fatal(err)
	}
	pid := 0
	for line := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "process_id:"); ok {
			for _, d := range v {
				pid = 10*pid + int(d-'0')
			}
		}
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for name, call := range x.calls(a, sub.ID) {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			begun := time.Now()
			wantCode(t, name, call(ctx), job.Unavailable)
			if took := time.Since(begun); took > 2500*time.Millisecond {
				t.Errorf("%s: it took %v, want about 200 ms", name, took)
			}
		})
	}
	wg.Wait()
}

func TestACancelledCallIsNotAnOutage(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := x.s.Submit(ctx, request(fp(1)), manyOpen)
	if !errors.Is(err, context.Canceled) || job.CodeOf(err) != "" {
		t.Errorf("got %v with code %q, want the context's error without a code", err, job.CodeOf(err))
	}
}

func TestDialHidesPasswords(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"redis://:secret@[::1", "http://:secret@host", "redis://:secret@host/notanumber"} {
		_, err := store.Dial(url)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("Dial(%q): got %v, want an error without the password", url, err)
		}
	}
}
