package store_test

import (
	"testing"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

// counting is an errand that counts how often it has run, and what it was told of.
type counting struct {
	key       string
	ran, told int
}

func (c *counting) errand() store.Errand {
	return store.Errand{
		Source: "redis.call('INCRBY', KEYS[1], ARGV[1]) return redis.error_reply('nobody minds')", Keys: []string{c.key}, Args: []any{1},
		After: func(ran bool, _ error) {
			c.told++
			if ran {
				c.ran++
			}
		},
	}
}

// want checks how often the errand was asked for and how often it has run, by what it was told and by what it did.
func (c *counting) want(x *fixture, told, ran int) {
	x.t.Helper()
	did, _ := x.rdb.Get(x.t.Context(), c.key).Int() // not there: none
	if c.told != told || c.ran != ran || did != ran {
		x.t.Errorf("the errand: asked for %d times, said to have run %d times, has run %d times; want %d, %d", c.told, c.ran, did, told, ran)
	}
}

func TestARunIsQueuedInTheCallThatStartsIt(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	c := &counting{key: "queued"}
	var asked []store.Run
	queue := func(r store.Run) store.Errand {
		asked = append(asked, r)
		return c.errand()
	}
	submit := func(want job.Cache) store.Submission {
		t.Helper()
		made, err := x.s.SubmitAndQueue(t.Context(), request(fp(1)), 100, queue)
		if err != nil {
			t.Fatal(err)
		}
		if made.Cache != want || made.Queued != (want == job.Miss) {
			t.Errorf("got %s, queued %v, want %s", made.Cache, made.Queued, want)
		}
		return made
	}
	first := submit(job.Miss)
	if got := asked[0]; got.ID != first.Run.ID || got.Fingerprint != fp(1) || got.Job != first.ID {
		t.Errorf("asked for %+v, want what queues %+v", got, first.Run)
	}
	c.want(x, 1, 1)
	submit(job.Joined)
	x.compute(first.Run)
	submit(job.Hit)
	c.want(x, 3, 1)
}

func TestWhatOneCallCannotDoIsQueuedAfterwards(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	c := &counting{key: "queued"}
	made, err := x.s.Apart().SubmitAndQueue(t.Context(), request(fp(1)), 100, func(store.Run) store.Errand { return c.errand() })
	if err != nil || made.Cache != job.Miss || made.Queued {
		t.Errorf("apart: got %s, queued %v, %v, want a miss that is still to be queued", made.Cache, made.Queued, err)
	}
	c.want(x, 0, 0)
	made, err = x.s.SubmitAndQueue(t.Context(), request(fp(2)), 100, func(store.Run) store.Errand { return store.Errand{} })
	if err != nil || made.Cache != job.Miss || made.Queued {
		t.Errorf("without an errand: got %s, queued %v, %v, want a miss that is still to be queued", made.Cache, made.Queued, err)
	}
}

func TestADeliveryEndsWithTheResultOrNotAtAll(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	c := &counting{key: "ended"}
	a := x.claim(x.submit(fp(1)).Run)
	ends := c.errand()
	a.Run.Ends = func(string) store.Errand { return ends }
	stale := a
	stale.Number = 7
	if held, err := x.s.Complete(t.Context(), stale, someResult, "144"); err != nil || held {
		t.Errorf("a stale attempt: got %v, %v, want it refused", held, err)
	}
	c.want(x, 1, 0)
	stored := someResult
	stored.Blob = "a blob, which is still to be listed"
	if held, err := x.s.Complete(t.Context(), a, stored, ""); err != nil || !held {
		t.Errorf("a result with a blob: got %v, %v, want it published", held, err)
	}
	c.want(x, 1, 0)
	b := x.claim(x.submit(fp(2)).Run)
	b.Run.Ends = func(string) store.Errand { return ends }
	x.complete(b)
	c.want(x, 2, 1)
}
