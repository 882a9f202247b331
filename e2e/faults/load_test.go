package faults_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// load is people who submit small and large jobs, join each other's and cancel, each one the next thing when the last has ended, so that
// no queue grows. Nothing may fail more often than never: a lost worker is no failure.
type load struct {
	*ledger

	random *rand.Rand
	mu     sync.Mutex // around random
	last   atomic.Int64
	recent atomic.Pointer[map[string]any]
	people sync.WaitGroup
	stop   context.CancelFunc
}

// mix is a mixed load on a ledger, until finish.
func mix(t *testing.T, l *ledger, random *rand.Rand) *load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	m := &load{ledger: l, random: random, stop: stop}
	for _, person := range []func(context.Context) error{m.small, m.small, m.medium, m.large, m.large, m.join, m.regret} {
		m.people.Go(func() {
			for ctx.Err() == nil {
				if err := person(ctx); err != nil && ctx.Err() == nil {
					t.Errorf("submit: %v", err)
					return
				}
			}
		})
	}
	t.Cleanup(m.finish)
	return m
}

// finish ends the submitting; what was accepted goes on.
func (m *load) finish() {
	m.stop()
	m.people.Wait()
}

// draw is a random number below n.
func (m *load) draw(n int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.random.IntN(n)
}

// next is a number that was not drawn before.
func (m *load) next() int64 { return m.last.Add(1) }

func (m *load) through(ctx context.Context, request map[string]any) error {
	d, err := m.take(ctx, request)
	if err == nil {
		_, err = m.end(ctx, d.ID)
	}
	if m.excused(err) {
		return nil
	}
	return err
}

func (m *load) small(ctx context.Context) error {
	return m.through(ctx, want("fibonacci", fmt.Sprintf("n=%d", 1000+m.next()), "max_attempts", 1))
}

func (m *load) medium(ctx context.Context) error {
	return m.through(ctx, want("fibonacci", fmt.Sprintf("n=%d", 2_000_000+m.next()), "max_attempts", 1))
}

// large takes some seconds of one processor.
func (m *load) large(ctx context.Context) error {
	r := want("factorial/recursive", fmt.Sprintf("n=%d", int64(40_000+m.draw(4)*10_000)+m.next()), "max_attempts", 1)
	m.recent.Store(&r)
	return m.through(ctx, r)
}

// join asks for the large number that was last asked for.
func (m *load) join(ctx context.Context) error {
	r := m.recent.Load()
	if r == nil {
		return m.small(ctx)
	}
	return m.through(ctx, *r)
}

// regret cancels a job after a random while, unless it has ended before.
func (m *load) regret(ctx context.Context) error {
	d, err := m.take(ctx, want("factorial/recursive", fmt.Sprintf("n=%d", 100_000+m.next()), "max_attempts", 1))
	if err != nil {
		return err
	}
	some, done := context.WithTimeout(ctx, time.Duration(m.draw(2000))*time.Millisecond)
	_, _ = m.end(some, d.ID)
	done()
	// Also after the end of the load: nobody is to wait for this job.
	rest, stop := context.WithTimeout(context.WithoutCancel(ctx), platformtest.Patience)
	defer stop()
	again := newPace(50 * time.Millisecond)
	defer again.stop()
	for {
		_, err := cancel(rest, m.c, d.ID)
		if s := status(err); err == nil || s == http.StatusConflict || s == http.StatusNotFound {
			return nil
		}
		if err := again.wait(rest); err != nil {
			return err
		}
	}
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
