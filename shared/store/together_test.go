package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// publication is what publishes the result of an unrecorded attempt at the run, and ends its delivery.
func publication(r store.Run, c *counting) store.Publication {
	r.Ends = func(string) store.Errand {
		e := c.errand()
		e.After = nil
		return e
	}
	return store.Publication{Attempt: store.Unrecorded(r, "worker"), Result: someResult, Digits: "144", Lines: []job.LogLine{logged}}
}

func TestResultsThatArePublishedTogether(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	c := &counting{key: "ended"}
	first, joined, claimed, cancelled, last := x.submit(fp(1)), x.submit(fp(1)), x.submit(fp(2)), x.submit(fp(3)), x.submit(fp(4))
	x.claim(claimed.Run)
	x.cancel(cancelled)
	seen := new(trips)
	x.must(x.rdb.ScriptFlush(t.Context()).Err())
	for turn := range 2 {
		before := seen.n.Load()
		done, err := x.s.CompleteTogether(t.Context(), []store.Publication{
			publication(first.Run, c), publication(claimed.Run, c), publication(cancelled.Run, c), publication(last.Run, c),
		})
		if diff := cmp.Diff([]bool{true, false, false, true}, done); diff != "" || turn > 0 && err != nil {
			t.Errorf("turn %d: %v (-want +got):\n%s", turn, err, diff) // the second says it again, as if the first answer was lost
		}
		if turn == 0 { // Redis has come to know the script
			x.rdb.AddHook(seen)
		} else if got := seen.n.Load() - before; got != 1 {
			t.Errorf("%d trips, want one", got)
		}
	}
	for _, s := range []store.Submission{first, joined, last} {
		if r := x.wantState(s, job.Succeeded); !r.Settled || r.Attempt != 1 || r.LogLines != 1 {
			t.Errorf("got %+v, want it settled by the first attempt, with a line in its log", r)
		}
	}
	x.wantState(claimed, job.Running)
	x.wantState(cancelled, job.Cancelled)
	if n, err := x.rdb.Get(t.Context(), c.key).Int(); err != nil || n != 4 {
		t.Errorf("%d deliveries were ended, %v; want two, twice", n, err)
	}
}

func TestWhatOneCallCannotDoIsNotPublishedTogether(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	c := &counting{key: "ended"}
	s := x.submit(fp(1))
	far, open := publication(s.Run, c), publication(s.Run, c)
	far.Result.Blob = "a blob"
	open.Attempt.Run.Ends = nil
	for name, ask := range map[string]struct {
		records *store.Store
		one     store.Publication
	}{
		"apart": {x.s.Apart(), publication(s.Run, c)}, "with a blob": {x.s, far}, "without an end": {x.s, open},
	} {
		done, err := ask.records.CompleteTogether(t.Context(), []store.Publication{ask.one})
		if diff := cmp.Diff([]bool{false}, done); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	x.wantState(s, job.Queued)
}
