package runner

import (
	"sync"
	"testing"
	"time"

	"numbermill/shared/cputime"
)

// spend uses processor time on the calling goroutine.
func spend(d time.Duration) {
	clock := cputime.Start()
	defer clock.Stop()
	for clock.Elapsed() < d {
		continue
	}
}

// One attempt works alone, the other has a helper that works as much as it does itself.
func TestProcessorTimeIsSharedOut(t *testing.T) {
	t.Parallel()
	const own = 40 * time.Millisecond
	var l ledger
	var alone, helped, idle time.Duration
	var all sync.WaitGroup
	attempt := func(threads int, work func(), used *time.Duration) {
		all.Go(func() {
			a := l.open(threads)
			defer a.close()
			work()
			*used = a.used()
		})
	}
	attempt(1, func() { spend(own) }, &alone)
	attempt(2, func() {
		var helper sync.WaitGroup
		helper.Go(func() { spend(own) })
		spend(own)
		helper.Wait()
	}, &helped)
	attempt(2, func() {}, &idle)
	all.Wait()
	if alone < own || alone > 2*own {
		t.Errorf("the one on a single thread is charged %v, want %v", alone, own)
	}
	if helped < own || helped > 3*own {
		t.Errorf("the one with a helper is charged %v, want from %v to twice that", helped, own)
	}
	if idle > own/2 {
		t.Errorf("the one that does nothing is charged %v", idle)
	}
	if len(l.accounts) != 0 {
		t.Errorf("%d accounts are open, want none", len(l.accounts))
	}
}
