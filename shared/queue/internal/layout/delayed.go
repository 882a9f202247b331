package layout

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Delayed spares the servers of a process the looking through what waits for its time, which Asynq does queue by queue each second: most of the
// time there is nothing, and one question tells.
type Delayed struct {
	rdb  redis.UniversalClient
	keys []string
	hold time.Duration

	mu   sync.Mutex
	some bool
	at   time.Time
}

// NewDelayed returns one for queues. What it has seen counts for hold.
func NewDelayed(rdb redis.UniversalClient, queues []string, hold time.Duration) *Delayed {
	d := &Delayed{rdb: rdb, hold: hold}
	for _, q := range queues {
		d.keys = append(d.keys, key(q, scheduled), key(q, retry))
	}
	return d
}

// none tells whether nothing waits for its time.
func (d *Delayed) none(ctx context.Context) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Since(d.at) >= d.hold {
		n, err := d.rdb.Exists(ctx, d.keys...).Result()
		d.some, d.at = n > 0 || err != nil, time.Now()
	}
	return !d.some
}

// note tells that this process has put something off.
func (d *Delayed) note() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.some, d.at = true, time.Now()
}
