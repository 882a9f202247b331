package runner

import (
	"sync"
	"time"

	"numbermill/shared/cputime"
)

// ledger shares out the processor time of this process among the attempts under way: what several threads do for one of them cannot be
// told apart otherwise.
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
	share   time.Duration
}

// open opens the account of an attempt on so many threads. It must be closed, on the same goroutine.
func (l *ledger) open(threads int) *account {
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

// settle shares out what has been used since the last time, in equal parts.
func (l *ledger) settle() {
	now := cputime.Process()
	for a := range l.accounts {
		a.share += (now - l.last) / time.Duration(len(l.accounts))
	}
	l.last = now
}

// used is the processor time by now: an equal part of the process's, but not less than that of the goroutine itself, and not more than if
// all threads had worked as long.
func (a *account) used() time.Duration {
	own := a.clock.Elapsed()
	a.ledger.mu.Lock()
	defer a.ledger.mu.Unlock()
	a.ledger.settle()
	return min(max(a.share, own), own*time.Duration(a.threads))
}

func (a *account) close() {
	a.ledger.mu.Lock()
	defer a.ledger.mu.Unlock()
	a.ledger.settle()
	delete(a.ledger.accounts, a)
	a.clock.Stop()
}
