package layout

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// pausedPause is how often a paused queue is looked at: nothing tells when it goes on.
	pausedPause = 250 * time.Millisecond
	// parkAgain is how long after it was handed a task a server looks for more, and parks again. Meanwhile the bell rings for what comes.
	parkAgain = 3 * time.Millisecond
	// easy is how many rings in a row may be for nothing, such as for what another server was quicker to take, before the next is waited for with a
	// pause.
	easy = 3
)

// next waits until there is a task, or for a second.
func (f *Feeder) next(ctx context.Context) (msg string, err error) {
	limit := time.NewTimer(longestCall)
	defer limit.Stop()
	for {
		if msg, ok := f.pop(ctx); ok {
			return msg, nil
		}
		over := !f.awaitWork(limit.C)
		if f.isStopped() {
			f.GiveBack(ctx)
			return "", redis.Nil
		}
		if over {
			return "", redis.Nil
		}
		if f.idle { // something was handed over, which needs no fetch
			continue
		}
		n := f.room()
		if n <= 0 {
			if !f.awaitRoom(limit.C) {
				return "", redis.Nil
			}
			continue
		}
		got, asleep, err := f.fetch(ctx, n)
		if err != nil {
			f.sleep(f.o.Interval) // else Asynq would ask again at once
			return "", err
		}
		if got > 0 {
			f.fruitless = 0
			if isPast(limit.C) { // all of it was done at once, again and again
				return "", redis.Nil
			}
			continue
		}
		f.settle(asleep) //nolint:contextcheck // what waits for Redis goes on beyond the call
	}
}

// isPast tells whether a time is over.
func isPast(limit <-chan time.Time) bool {
	select {
	case <-limit:
		return true
	default:
		return false
	}
}

// room is how many tasks are to be fetched now. That Asynq asks proves that it has a place.
func (f *Feeder) room() int {
	n := min(mostFetched, max(1, f.o.Places-int(f.underWay.Load())))
	if f.o.Room != nil {
		n = min(n, f.o.Room())
	}
	return n
}

// awaitRoom waits until there may be room; it is false if the call has to end before.
func (f *Feeder) awaitRoom(limit <-chan time.Time) bool {
	again := time.NewTimer(roomPause)
	defer again.Stop()
	select {
	case <-f.nudged:
	case <-again.C:
	case <-f.stopped:
	case <-limit:
		return false
	}
	return true
}

// settle sees to it that the next fetch is made once there is something in a queue that is not asleep, that is paused.
func (f *Feeder) settle(asleep map[string]bool) {
	if over := f.fruitless - easy; over > 0 {
		f.sleep(min(time.Millisecond<<min(over-1, 10), f.o.Interval))
	}
	f.idle, f.lookAt = true, time.Time{}
	soon := func(d time.Duration) {
		if at := time.Now().Add(d); f.lookAt.IsZero() || at.Before(f.lookAt) {
			f.lookAt = at
		}
	}
	for _, q := range f.queues {
		switch {
		case asleep[q]:
			soon(pausedPause)
		case !f.bell.listen(q):
			soon(f.o.Interval)
		}
	}
}

// awaitWork waits until a fetch is worth while; it is false if the call has to end before.
func (f *Feeder) awaitWork(limit <-chan time.Time) bool {
	if !f.idle {
		return true
	}
	var look <-chan time.Time
	if !f.lookAt.IsZero() {
		t := time.NewTimer(time.Until(f.lookAt))
		defer t.Stop()
		look = t.C
	}
	var handed <-chan struct{}
	if f.lot != nil {
		handed = f.lot.handed
	}
	select {
	case <-f.bell.rung:
		f.fruitless++
	case <-handed:
		// Nothing else waited: to park again may wait as well, or the end of what was handed over would have to.
		if again := time.Now().Add(parkAgain); f.lookAt.IsZero() || again.Before(f.lookAt) {
			f.lookAt = again
		}
		return true
	case <-look:
	case <-f.stopped:
	case <-limit:
		return false
	}
	f.idle = false
	return true
}
