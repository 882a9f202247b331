package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"numbermill/shared/job"
)

const (
	// mostClosed is how many jobs are closed at a time: it bounds how long Redis is held.
	mostClosed = 500
	// closeTimeout bounds a call that closes jobs.
	closeTimeout = 10 * time.Second
)

// closer closes jobs: those that end while others are being closed are closed together with the next call.
type closer struct {
	mu   sync.Mutex
	next *closing
	// turn holds one token: only one call is under way.
	turn chan struct{}
}

// closing are jobs that are closed by one call.
type closing struct {
	jobs []ended
	done chan struct{}
	err  error // to be read once done is closed
}

func newCloser() *closer {
	return &closer{turn: make(chan struct{}, 1)}
}

// close returns once the jobs are closed, or the context ends.
func (c *closer) close(ctx context.Context, s *Store, jobs []ended) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	together, first := c.join(jobs)
	if first {
		go c.send(context.WithoutCancel(ctx), s, together)
	}
	select {
	case <-together.done:
		return together.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// send closes jobs as soon as those before them are. It goes on when some who wait for it have left.
func (c *closer) send(ctx context.Context, s *Store, together *closing) {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	c.mu.Lock()
	if c.next == together {
		c.next = nil
	}
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	together.err = s.closeAtOnce(ctx, together.jobs)
	close(together.done)
}

// join adds jobs to those that are closed next; first tells whether they are the first of these.
func (c *closer) join(jobs []ended) (together *closing, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == nil || len(c.next.jobs)+len(jobs) > mostClosed {
		c.next, first = &closing{done: make(chan struct{})}, true
	}
	c.next.jobs = append(c.next.jobs, jobs...)
	return c.next, first
}

// closeAtOnce closes jobs with a call for each owner, or several if there are too many.
func (s *Store) closeAtOnce(ctx context.Context, jobs []ended) error {
	byOwner := map[job.Owner][]ended{}
	for _, j := range jobs {
		byOwner[j.owner] = append(byOwner[j.owner], j)
	}
	for o, all := range byOwner {
		for part := range slices.Chunk(all, mostClosed) {
			if err := s.closing.Run(ctx, s.rdb, closingKeys(o), closingArgs(o, part)...).Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

func closingKeys(o job.Owner) []string {
	return []string{ownerOpenKey(o), ownerDeadlinesKey(o), ownerScheduledKey(o), ownerFinishedKey(o)}
}

// closingArgs are the arguments of close.lua.
func closingArgs(o job.Owner, jobs []ended) []any {
	args := make([]any, 1, 1+4*len(jobs))
	args[0] = batchPrefix(o)
	for _, j := range jobs {
		args = append(args, string(j.id), j.finished, string(j.batch), string(j.state))
	}
	return args
}
