package runner

import (
	"sync"
	"time"

	"numbermill/shared/cputime"
)

// ledger shares out the processor time of this process among the attempts under way, in proportion to what their own goroutines use: what
// several threads do for one of them cannot be told apart otherwise.
type ledger struct {
	mu       sync.Mutex
	accounts map[*account]struct{}
	last     time.Duration // the process's time, up to which it has been shared out
}

// account is the processor time of one attempt.
type account struct {
	ledger  *ledger
	clock   *cputime.Clock // of the goroutine that makes the attempt
	threads int
	own     time.Duration // by the clock when time was last shared out
	now     time.Duration // the same while time is being shared out
	share   time.Duration
}

// open opens the account of an attempt on so many threads. It must be closed, on the same goroutine. On one thread its own clock tells it all, and
// nothing is shared out to it.
func (l *ledger) open(threads int) *account {
	if threads == 1 {
		return &account{ledger: l, clock: cputime.Start(), threads: 1}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	a := &account{ledger: l, clock: cputime.Start(), threads: threads}
	if l.accounts == nil {
		l.accounts = map[*account]struct{}{}
	}
	l.accounts[a] = struct{}{}
	return a
}

// settle shares out what has been used since the last time.
func (l *ledger) settle() {
	now := cputime.Process()
	var sum time.Duration
	for a := range l.accounts {
		a.now = a.clock.Elapsed()
		sum += a.now - a.own
	}
	for a := range l.accounts {
		if sum > 0 {
			a.share += time.Duration(float64(max(now-l.last, 0)) * float64(a.now-a.own) / float64(sum))
		}
		a.own = a.now
	}
	l.last = now
}

// used is the processor time by now: not less than that of the goroutine itself, and not more than if all threads had worked as long.
func (a *account) used() time.Duration {
	if a.threads == 1 {
		a.own = a.clock.Elapsed()
		return a.own
	}
	a.ledger.mu.Lock()
	defer a.ledger.mu.Unlock()
	a.ledger.settle()
	return min(max(a.share, a.own), a.own*time.Duration(a.threads))
}

func (a *account) close() {
	a.ledger.mu.Lock()
	defer a.ledger.mu.Unlock()
	if a.threads == 1 {
		a.ledger.last += a.used() // which is not the others'
		a.clock.Stop()
		return
	}
	a.ledger.settle()
	delete(a.ledger.accounts, a)
	a.clock.Stop()
}
