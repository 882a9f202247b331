package store_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/redistest"
	"numbermill/shared/store"
)

// loser makes connections that lose the answer to one script call: Redis has carried it out, and the client library asks again.
type loser struct {
	mu sync.Mutex
	// countdown is how many script calls are still answered before the one that is not; below zero none is lost.
	countdown int
	lost      int
}

func (l *loser) loseAfter(answered int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.countdown, l.lost = answered, 0
}

func (l *loser) loses() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.countdown--
	if l.countdown == -1 {
		l.lost++
		return true
	}
	return false
}

type lossyConn struct {
	net.Conn
	loser        *loser
	losing, dead bool
}

func (c *lossyConn) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("evalsha")) && c.loser.loses() {
		c.losing = true
	}
	return c.Conn.Write(p)
}

func (c *lossyConn) Read(p []byte) (int, error) {
	switch {
	case c.dead:
		return 0, io.EOF
	case c.losing:
		c.dead = true
		if _, err := c.Conn.Read(p); err != nil { // wait for the answer: it has happened
			return 0, err
		}
		return 0, io.EOF
	default:
		return c.Conn.Read(p)
	}
}

// lossy is a store whose answers can be lost, on a Redis that knows its scripts already.
func lossy(t *testing.T) (*fixture, *loser) {
	t.Helper()
	url := redistest.Start(t)
	warm := on(t, url)
	s := warm.submit(fp(99))
	a := warm.claim(s.Run)
	if _, err := warm.s.Release(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if _, _, err := warm.s.Fail(t.Context(), warm.claim(s.Run), job.Failure{}, true); err != nil {
		t.Fatal(err)
	}
	warm.remove(s)
	warm.cancel(warm.submit(fp(99)))
	warm.compute(warm.submit(fp(99)).Run)

	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	l := &loser{countdown: -1}
	options.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &lossyConn{Conn: conn, loser: l}, nil
	}
	rdb := redis.NewClient(options)
	t.Cleanup(func() { _ = rdb.Close() })
	return &fixture{t, rdb, store.New(rdb)}, l
}

func (l *loser) wantLost(t *testing.T, doing string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != 1 {
		t.Errorf("%s: %d answers were lost, want 1: the test tests nothing", doing, l.lost)
	}
}

func TestSubmitWithALostAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answered int
		deadline time.Duration
	}{"of the only call": {0, 0}, "of the admission": {0, time.Hour}, "of the job itself": {1, time.Hour}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, l := lossy(t)
			l.loseAfter(c.answered)
			r := request(fp(1))
			r.Deadline = c.deadline
			// The quota is one: the second try must not be counted against the first.
			s, err := x.s.Submit(t.Context(), r, 1)
			if err != nil || s.Cache != job.Miss {
				t.Fatalf("got %s, %v, want a miss", s.Cache, err)
			}
			l.wantLost(t, "submit")
			page, _, err := x.s.List(t.Context(), job.LocalOwner, store.Filter{States: []job.State{job.Queued}}, 10, "")
			if err != nil || len(page) != 1 || page[0].ID != s.ID {
				t.Errorf("got %d queued jobs, %v, want the one", len(page), err)
			}
			x.compute(s.Run)
			x.wantState(s, job.Succeeded)
		})
	}
}

func TestCompleteWithALostAnswer(t *testing.T) {
	t.Parallel()
	x, l := lossy(t)
	s := x.submit(fp(1))
	a := x.claim(s.Run)
	l.loseAfter(0)
	x.complete(a)
	l.wantLost(t, "complete")
	x.wantState(s, job.Succeeded)
	if got := x.remove(s); got == nil {
		t.Error("the last reference has gone, want the result to be collected")
	}
}

func TestFailWithALostAnswer(t *testing.T) {
	t.Parallel()
	x, l := lossy(t)
	s := x.submit(fp(1))
	a := x.claim(s.Run)
	l.loseAfter(0)
	outcome, failures, err := x.s.Fail(t.Context(), a, job.Failure{Code: "internal"}, false)
	if err != nil || outcome != store.TryAgain || failures != 1 {
		t.Errorf("got outcome %v with %d failures, %v, want to try again after 1", outcome, failures, err)
	}
	l.wantLost(t, "fail")
	a = x.claim(s.Run)
	l.loseAfter(0)
	if outcome, _, err := x.s.Fail(t.Context(), a, job.Failure{Code: "internal"}, true); err != nil || outcome != store.Ended {
		t.Errorf("got outcome %v, %v, want the end", outcome, err)
	}
	l.wantLost(t, "fail for good")
	x.wantState(s, job.Failed)
}

func TestReleaseWithALostAnswer(t *testing.T) {
	t.Parallel()
	x, l := lossy(t)
	s := x.submit(fp(1))
	a := x.claim(s.Run)
	l.loseAfter(0)
	if held, err := x.s.Release(t.Context(), a); err != nil || !held {
		t.Errorf("got %v, %v, want the attempt given back", held, err)
	}
	l.wantLost(t, "release")
	x.wantState(s, job.Queued)
}

func TestClaimWithALostAnswer(t *testing.T) {
	t.Parallel()
	x, l := lossy(t)
	s := x.submit(fp(1))
	l.loseAfter(0)
	a := x.claim(s.Run)
	l.wantLost(t, "claim")
	x.complete(a) // the attempt that was told of is the one that counts
	x.wantState(s, job.Succeeded)
}

func TestCancelAndDeleteWithALostAnswer(t *testing.T) {
	t.Parallel()
	x, l := lossy(t)
	s := x.submit(fp(1))
	l.loseAfter(1) // reading the job is the first call
	x.cancel(s)
	l.wantLost(t, "cancel")
	x.wantState(s, job.Cancelled)
	l.loseAfter(1)
	x.remove(s)
	l.wantLost(t, "delete")
	_, err := x.s.Get(t.Context(), job.LocalOwner, s.ID)
	wantCode(t, "get", err, job.NotFound)
}

// A Redis that has been restarted knows no script any more.
func TestScriptsAreLoadedAgain(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		flush := func() {
			t.Helper()
			if err := x.rdb.ScriptFlush(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
		}
		sub := x.submit(fp(1))
		a := x.claim(sub.Run)
		for name, call := range x.calls(a, sub.ID) {
			flush()
			if err := call(t.Context()); err != nil && job.CodeOf(err) == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
