package store_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// beyondOneCall is more jobs than one script call ends.
const beyondOneCall = 2500

// submitMany submits the same again and again; the first is the miss.
func (x *fixture) submitMany(f job.Fingerprint, n int) []store.Submission {
	x.t.Helper()
	all := []store.Submission{x.submit(f)}
	rest := make([]store.Submission, n-1)
	var wg sync.WaitGroup
	const streams = 8
	for k := range streams {
		wg.Go(func() {
			for i := k; i < len(rest); i += streams {
				var err error
				if rest[i], err = x.s.Submit(x.t.Context(), request(f), manyOpen); err != nil {
					x.t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return append(all, rest...)
}

func (x *fixture) all(subs []store.Submission) map[job.ID]store.Record {
	x.t.Helper()
	ids := make([]job.ID, len(subs))
	for i, s := range subs {
		ids[i] = s.ID
	}
	records, err := x.s.GetAll(x.t.Context(), ids)
	if err != nil || len(records) != len(subs) {
		x.t.Fatalf("got %d of %d records, %v", len(records), len(subs), err)
	}
	return records
}

func TestCompleteEndsAllThatWait(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		subs := x.submitMany(fp(1), beyondOneCall)
		x.compute(subs[0].Run)
		for id, r := range x.all(subs) {
			if r.State != job.Succeeded || !r.Settled || r.Result == nil {
				t.Fatalf("job %s: got state %s, settled %v, result %v; want it succeeded for good", id, r.State, r.Settled, r.Result)
			}
		}
		if got := x.open(); got != 0 {
			t.Errorf("%d jobs count as open, want none", got)
		}
	})
}

func TestFailEndsAllThatWait(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		subs := x.submitMany(fp(1), beyondOneCall)
		why := job.Failure{Code: "not-representable", Detail: "The result is too large to be written down."}
		if o, _, err := x.s.Fail(t.Context(), x.claim(subs[0].Run), why, true); err != nil || o != store.Ended {
			t.Fatalf("fail: got outcome %v, %v, want the end", o, err)
		}
		for id, r := range x.all(subs) {
			if r.State != job.Failed || !r.Settled || r.Failure == nil || *r.Failure != why {
				t.Fatalf("job %s: got state %s, settled %v, failure %+v; want it failed because %+v", id, r.State, r.Settled, r.Failure, why)
			}
		}
		ttl, err := x.rdb.TTL(t.Context(), computationKey(fp(1))).Result()
		if err != nil || ttl <= 0 {
			t.Errorf("the failed computation's record stays for %v, %v, want it to go some day", ttl, err)
		}
	})
}

func computationKey(f job.Fingerprint) string {
	return fmt.Sprintf("nm:{s:%s}:comp:%s", f.Shard(), f)
}

// cut is a client whose connection breaks for good after a number of calls.
type cut struct{ left int }

func (c *cut) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *cut) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if c.left--; c.left < 0 {
			cmd.SetErr(io.EOF)
			return io.EOF
		}
		return next(ctx, cmd)
	}
}

func (c *cut) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// settleHalf ends a computation that many wait for, and loses its connection before all of them have been ended.
func settleHalf(t *testing.T, end func(*store.Store, store.Attempt) error) (*fixture, []store.Submission) {
	t.Helper()
	url := redistest.Start(t)
	x := on(t, url)
	x.compute(x.submit(fp(2)).Run) // Redis knows the scripts from here on
	x.fail(x.submit(fp(3)).Run)
	subs := x.submitMany(fp(1), beyondOneCall)
	a := x.claim(subs[0].Run)
	worker := on(t, url)
	if err := worker.rdb.Ping(t.Context()).Err(); err != nil { // it is connected from here on
		t.Fatal(err)
	}
	worker.rdb.AddHook(&cut{left: 1})
	wantCode(t, "the end", end(worker.s, a), job.Unavailable)
	return x, subs
}

// fail ends a run for good.
func (x *fixture) fail(r store.Run) {
	x.t.Helper()
	if o, _, err := x.s.Fail(x.t.Context(), x.claim(r), job.Failure{Code: "internal"}, true); err != nil || o != store.Ended {
		x.t.Fatalf("fail: got outcome %v, %v, want the end", o, err)
	}
}

func (x *fixture) unsettled(subs []store.Submission) (n int) {
	x.t.Helper()
	for _, r := range x.all(subs) {
		if !r.Settled {
			n++
		}
	}
	return n
}

func completed(s *store.Store, a store.Attempt) error {
	_, err := s.Complete(context.Background(), a, someResult, "144")
	return err
}

func TestJobsThatAreNotSettledYetReadTheSame(t *testing.T) {
	t.Parallel()
	x, subs := settleHalf(t, completed)
	before := x.all(subs)
	for id, r := range before {
		if r.State != job.Succeeded || r.Result == nil || r.FinishedAt.IsZero() {
			t.Fatalf("job %s: got state %s, finished %v, want it succeeded", id, r.State, r.FinishedAt)
		}
	}
	if got := x.unsettled(subs); got != beyondOneCall-1000 {
		t.Errorf("%d jobs are not settled, want %d", got, beyondOneCall-1000)
	}
	if err := x.s.Settle(t.Context(), fp(1)); err != nil {
		t.Fatal(err)
	}
	after := x.all(subs)
	if diff := cmp.Diff(before, after, cmpopts.IgnoreFields(store.Record{}, "Settled")); diff != "" {
		t.Errorf("settling changes what is read (-before +after):\n%s", shorten(diff))
	}
	if got := x.unsettled(subs); got != 0 {
		t.Errorf("%d jobs are still not settled", got)
	}
}

func TestASubmitEndsTheJobsOfAFailedRunFirst(t *testing.T) {
	t.Parallel()
	x, subs := settleHalf(t, func(s *store.Store, a store.Attempt) error {
		_, _, err := s.Fail(context.Background(), a, job.Failure{Code: "internal"}, true)
		return err
	})
	if got := x.unsettled(subs); got != beyondOneCall-1000 {
		t.Errorf("%d jobs are not settled, want %d", got, beyondOneCall-1000)
	}
	again := x.submit(fp(1))
	if again.Cache != job.Miss || again.Run.ID == subs[0].Run.ID {
		t.Errorf("got %s of run %s, want a miss with a run of its own", again.Cache, again.Run.ID)
	}
	x.wantState(again, job.Queued)
	for id, r := range x.all(subs) {
		if r.State != job.Failed || !r.Settled || r.Failure == nil {
			t.Fatalf("job %s is %s, settled %v, %+v, want it failed with the run that it waited for", id, r.State, r.Settled, r.Failure)
		}
	}
}

func TestDeletingSettledJobsKeepsTheResultForTheRest(t *testing.T) {
	t.Parallel()
	x, subs := settleHalf(t, completed)
	settled := 0
	for _, s := range subs {
		if r := x.get(s); r.Settled {
			settled++
			if collected := x.remove(s); collected != nil {
				t.Fatalf("the result is collected while %d jobs have it still to be written down that they have succeeded", len(subs)-settled)
			}
		}
	}
	if err := x.s.Settle(t.Context(), fp(1)); err != nil {
		t.Fatal(err)
	}
	left, collected := len(subs)-settled, 0
	for _, s := range subs {
		if _, err := x.s.Get(t.Context(), job.LocalOwner, s.ID); job.CodeOf(err) == job.NotFound {
			continue
		}
		x.wantState(s, job.Succeeded)
		if left--; x.remove(s) != nil {
			collected++
			if left != 0 {
				t.Fatalf("the result is collected with %d jobs left", left)
			}
		}
	}
	if collected != 1 {
		t.Errorf("the result was collected %d times, want once, with the last job", collected)
	}
}

func shorten(s string) string {
	if lines := strings.SplitN(s, "\n", 30); len(lines) == 30 {
		return strings.Join(lines[:29], "\n") + "\n…"
	}
	return s
}
