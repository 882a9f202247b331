package queue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"numbermill/shared/queue/internal/layout"
	"numbermill/shared/store"
)

// Stat is how a queue stands.
type Stat struct {
	Name string
	// Pending tasks wait for a worker, Active ones have one; Scheduled and Retry ones wait for their time; Archived ones have failed for good
	// in the queue, which none of ours does by itself: what became of its run, our record says.
	Pending, Active, Scheduled, Retry, Archived int64
	// OldestAge is how long the first of the pending ones has been waiting; 0 if there is none.
	OldestAge time.Duration
	// Paused tells that an operator has stopped the queue: nothing is taken from it.
	Paused bool
}

// Stats tells how every queue of Names stands, in their order; zeros if nothing was ever put into one.
func (c *Client) Stats(ctx context.Context) ([]Stat, error) {
	if !c.fast.Load() {
		return c.plainStats(ctx)
	}
	found, err := layout.Stats(ctx, c.rdb, names)
	if err != nil {
		return nil, err
	}
	stats := make([]Stat, len(found))
	for i, s := range found {
		stats[i] = Stat{names[i], s.Pending, s.Active, s.Scheduled, s.Retry, s.Archived, s.OldestAge, s.Paused}
	}
	return stats, nil
}

func (c *Client) plainStats(ctx context.Context) ([]Stat, error) {
	exist, err := c.inspector.Queues()
	if err != nil {
		return nil, fmt.Errorf("list queues: %w", err)
	}
	stats := make([]Stat, len(names))
	for i, name := range names {
		stats[i].Name = name
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("count tasks: %w", err)
		}
		if !slices.Contains(exist, name) {
			continue
		}
		info, err := c.inspector.GetQueueInfo(name)
		if err != nil {
			return nil, fmt.Errorf("count tasks of %s: %w", name, err)
		}
		stats[i] = Stat{
			name, int64(info.Pending), int64(info.Active), int64(info.Scheduled), int64(info.Retry), int64(info.Archived), max(info.Latency, 0), info.Paused,
		}
	}
	return stats, nil
}

// Position is how many tasks are ahead of the run's in its queue; none if a worker has it. It is not known of one that waits for a retry, that
// is not there or that more than 10,000 are ahead of, and by plain Asynq of none.
func (c *Client) Position(ctx context.Context, r store.Run) (ahead int64, known bool, err error) {
	if !c.fast.Load() {
		return 0, false, nil
	}
	return layout.Position(ctx, c.rdb, queueOf(r), taskID(r))
}
