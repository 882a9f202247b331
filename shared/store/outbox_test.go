package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

const localFinished = "nm:{o:local}:finished"

// finished is what the history is to get, oldest end first.
func (x *fixture) finished() []job.ID {
	x.t.Helper()
	ids, ended, err := x.s.Finished(x.t.Context(), job.LocalOwner, 0, manyOpen)
	if err != nil {
		x.t.Fatal(err)
	}
	records, err := x.s.GetAll(x.t.Context(), ids)
	if err != nil {
		x.t.Fatal(err)
	}
	for i, id := range ids {
		if r, ok := records[id]; ok && (!r.State.Terminal() || !r.FinishedAt.Equal(ended[i])) {
			x.t.Errorf("%s is %s and ended at %v, the list says %v", id, r.State, r.FinishedAt, ended[i])
		}
	}
	return ids
}

func (x *fixture) wantFinished(what string, subs ...store.Submission) {
	x.t.Helper()
	var want []job.ID
	for _, s := range subs {
		want = append(want, s.ID)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(x.finished()))); diff != "" {
		x.t.Errorf("%s: finished jobs (-want +got):\n%s", what, diff)
	}
}

func TestEveryEndEntersTheListOnce(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		done, joined, failed, cancelled, expired, open := x.submit(fp(1)), x.submit(fp(1)), x.submit(fp(2)), x.submit(fp(3)), x.submit(fp(4)), x.submit(fp(5))
		x.wantFinished("before any end")
		x.compute(done.Run)
		hit := x.submit(fp(1))
		if hit.Cache != job.Hit {
			t.Fatalf("got a %s, want a hit", hit.Cache)
		}
		if _, _, err := x.s.Fail(t.Context(), x.claim(failed.Run), job.Failure{}, true); err != nil {
			t.Fatal(err)
		}
		x.cancel(cancelled)
		if _, err := x.s.Expire(t.Context(), job.LocalOwner, expired.ID); err != nil {
			t.Fatal(err)
		}
		later := request(fp(1))
		later.RunAt = time.Now().Add(time.Hour)
		begun := x.submitAs(later)
		if _, err := x.s.StartScheduled(t.Context(), job.LocalOwner, begun.ID); err != nil {
			t.Fatal(err)
		}
		later = request(fp(6))
		later.RunAt = time.Now().Add(time.Hour)
		refused, dropped := x.submitAs(later), x.submitAs(later)
		if err := x.rdb.Set(t.Context(), "nm:{s:"+string(fp(6).Shard())+"}:comp:"+string(fp(6))+":poison", "1", time.Hour).Err(); err != nil {
			t.Fatal(err)
		}
		_, err := x.s.StartScheduled(t.Context(), job.LocalOwner, refused.ID)
		wantCode(t, "begin a poisoned one", err, job.Poisoned)
		x.cancel(dropped)
		all := []store.Submission{done, joined, hit, failed, cancelled, expired, begun, refused, dropped}
		x.wantFinished("after all ends", all...)
		x.wantState(open, job.Queued)

		// What was shipped does not come back, whatever is done to the job again.
		if err := x.s.Shipped(t.Context(), job.LocalOwner, x.finished()); err != nil {
			t.Fatal(err)
		}
		x.cancel(cancelled)
		if err := x.s.Settle(t.Context(), fp(1)); err != nil {
			t.Fatal(err)
		}
		if err := x.s.Close(t.Context(), job.LocalOwner, map[job.ID]time.Time{done.ID: time.Now()}); err != nil {
			t.Fatal(err)
		}
		x.wantFinished("after shipping")
	})
}

// cutAfter lets so many calls to Redis through, and then none.
type cutAfter struct{ left int }

var errCut = errors.New("the process has crashed")

func (c *cutAfter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *cutAfter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if c.left--; c.left < 0 {
			cmd.SetErr(errCut)
			return errCut
		}
		return next(ctx, cmd)
	}
}

func (c *cutAfter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if c.left--; c.left < 0 {
			for _, cmd := range cmds {
				cmd.SetErr(errCut)
			}
			return errCut
		}
		return next(ctx, cmds)
	}
}

func TestACrashBetweenTheEndAndTheListLosesNothing(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	x.s = x.s.Apart() // else nothing is in between
	done, joined := x.submit(fp(1)), x.submit(fp(1))
	a := x.claim(done.Run)
	client, ok := x.rdb.(*redis.Client)
	if !ok {
		t.Fatalf("the connection is a %T", x.rdb)
	}
	warm := x.submit(fp(2)) // so that the script is known
	x.compute(warm.Run)
	doomed := redis.NewClient(client.Options())
	t.Cleanup(func() { _ = doomed.Close() })
	if err := doomed.Ping(t.Context()).Err(); err != nil { // so that it is connected
		t.Fatal(err)
	}
	doomed.AddHook(&cutAfter{1})
	if _, err := store.New(doomed).Apart().Complete(t.Context(), a, someResult, "144"); !errors.Is(err, errCut) {
		t.Fatalf("complete: got %v, want it cut short", err)
	}
	x.wantState(done, job.Succeeded)
	x.wantFinished("right after the crash", warm)
	if got := x.open(); got != 2 {
		t.Errorf("%d jobs are looked after, want 2", got)
	}
	ended := map[job.ID]time.Time{done.ID: x.get(done).FinishedAt, joined.ID: x.get(joined).FinishedAt}
	if err := x.s.Close(t.Context(), job.LocalOwner, ended); err != nil {
		t.Fatal(err)
	}
	x.wantFinished("after the repair", warm, done, joined)
}

func TestADeletionIsForTheHistoryToo(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		mine, old, open := x.submit(fp(1)), x.submit(fp(2)), x.submit(fp(3))
		x.compute(mine.Run)
		x.compute(old.Run)
		x.remove(mine)
		_, err := x.s.Delete(t.Context(), job.LocalOwner, open.ID)
		wantCode(t, "delete an open job", err, job.Active)
		x.wantFinished("after the deletion", old)
		if _, err := x.s.Retire(t.Context(), job.LocalOwner, old.ID); err != nil {
			t.Fatal(err)
		}
		x.wantFinished("after the retirement")
		ids, err := x.s.Erasures(t.Context(), job.LocalOwner, 10)
		if diff := cmp.Diff([]job.ID{mine.ID}, ids); diff != "" || err != nil {
			t.Errorf("to be erased: %v (-want +got):\n%s", err, diff)
		}
		got, err := x.s.ToErase(t.Context(), job.LocalOwner, []job.ID{open.ID, mine.ID, old.ID})
		if diff := cmp.Diff(map[job.ID]bool{mine.ID: true}, got); diff != "" || err != nil {
			t.Errorf("among those to be erased: %v (-want +got):\n%s", err, diff)
		}
		if n, err := x.s.Waiting(t.Context(), job.LocalOwner); n != 1 || err != nil {
			t.Errorf("%d wait, %v, want 1", n, err)
		}
		if err := x.s.Erased(t.Context(), job.LocalOwner, ids); err != nil {
			t.Fatal(err)
		}
		if n, err := x.s.Waiting(t.Context(), job.LocalOwner); n != 0 || err != nil {
			t.Errorf("%d wait, %v, want none", n, err)
		}
	})
}

func TestWhatWaitsIsBounded(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		const perCall = 50_000
		now := time.Now()
		add := func(key string, n int, at time.Time) {
			t.Helper()
			for n > 0 {
				zs := make([]redis.Z, 0, perCall)
				for range min(n, perCall) {
					zs = append(zs, redis.Z{Score: float64(at.UnixMilli()), Member: at.Format("0102") + "-" + time.Duration(n).String()})
					n--
				}
				if err := x.rdb.ZAdd(t.Context(), key, zs...).Err(); err != nil {
					t.Fatal(err)
				}
			}
		}
		add(localFinished, 7, now.AddDate(0, 0, -20))
		add(localFinished, 100_003, now.AddDate(0, 0, -10))
		add(localFinished, 5, now)
		add("nm:{o:local}:erase", 3, now.AddDate(0, 0, -31))
		add("nm:{o:local}:erase", 100_002, now)
		jobs, erasures, err := x.s.Trim(t.Context(), job.LocalOwner, now.AddDate(0, 0, -14), now.AddDate(0, 0, -7))
		if jobs != 10 || erasures != 5 || err != nil {
			t.Errorf("trimmed %d jobs and %d erasures, %v, want 10 and 5", jobs, erasures, err)
		}
		if n, err := x.s.Waiting(t.Context(), job.LocalOwner); n != 200_005 || err != nil {
			t.Errorf("%d wait, %v, want 200005", n, err)
		}
		jobs, _, err = x.s.Trim(t.Context(), job.LocalOwner, now.AddDate(0, 0, -7), now.AddDate(0, 0, -7))
		if jobs != 100_000 || err != nil {
			t.Errorf("without a history: trimmed %d jobs, %v, want 100000", jobs, err)
		}
	})
}

func TestWhatTheHistoryRefusesIsSetAside(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		bad, good := x.submit(fp(1)), x.submit(fp(2))
		x.compute(bad.Run)
		x.compute(good.Run)
		if err := x.s.SetAside(t.Context(), job.LocalOwner, []job.ID{bad.ID}); err != nil {
			t.Fatal(err)
		}
		x.wantFinished("with one set aside", good)
		if n, err := x.rdb.ZCard(t.Context(), "nm:{o:local}:refused").Result(); n != 1 || err != nil {
			t.Errorf("%d are set aside, %v, want 1", n, err)
		}
		got, err := x.s.Unshipped(t.Context(), job.LocalOwner, []job.ID{bad.ID, good.ID})
		if diff := cmp.Diff(map[job.ID]bool{good.ID: true}, got); diff != "" || err != nil {
			t.Errorf("unshipped: %v (-want +got):\n%s", err, diff)
		}
		x.remove(bad)
		if n, err := x.rdb.ZCard(t.Context(), "nm:{o:local}:refused").Result(); n != 0 || err != nil {
			t.Errorf("after its deletion %d are set aside, %v, want none", n, err)
		}
	})
}
