package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

const (
	// missingAfter is how long a job of a batch may take to be written: one that is not there by then never came to be.
	missingAfter = time.Minute
	// mostLooked is up to how many open jobs a batch is counted anew whenever it is read. With more of them, how many run or wait for their time
	// may be a moment old.
	mostLooked = 500
	// splitPause is for how many times as long as a count of the open jobs has taken it stands: what counting costs is bounded by that, whoever
	// asks and however often. splitLeast and splitMost bound it.
	splitPause = 20
	splitLeast = 250 * time.Millisecond
	splitMost  = 2 * time.Second
)

// Batch reads a batch with how many of its jobs stand where. Jobs are counted as ended by what ends them; if more than some hundred have not, how
// many of those run or are scheduled may be up to two seconds old. It fails with job.NotFound.
func (s *Store) Batch(ctx context.Context, o job.Owner, id job.BatchID) (job.Batch, error) {
	b, open, err := s.readBatch(ctx, o, id)
	if err != nil || open == 0 {
		return b, err
	}
	if open <= mostLooked {
		return s.countBatch(ctx, o, id)
	}
	part, done, err := s.splits.enter(ctx, id)
	if err != nil {
		return job.Batch{}, err
	}
	defer done()
	if !part.stands() {
		began := time.Now()
		if b, err = s.countBatch(ctx, o, id); err == nil {
			part.set(b.Counts, time.Since(began))
		}
		return b, err
	}
	c := &b.Counts
	c.Running = min(part.running, open)
	c.Scheduled = min(part.scheduled, open-c.Running)
	c.Queued += open - c.Running - c.Scheduled
	return b, nil
}

// readBatch reads a batch without its open jobs, and how many those are.
func (s *Store) readBatch(ctx context.Context, o job.Owner, id job.BatchID) (b job.Batch, open int64, err error) {
	pipe := s.rdb.TxPipeline() // so that all is of the same moment
	left := pipe.SCard(ctx, batchOpenKey(o, id))
	if b, err = s.execBatch(ctx, pipe, o, id); err != nil {
		return b, 0, err
	}
	return b, left.Val(), nil
}

// countBatch reads a batch, and looks where each of its open jobs stands.
func (s *Store) countBatch(ctx context.Context, o job.Owner, id job.BatchID) (job.Batch, error) {
	pipe := s.rdb.TxPipeline()
	open := pipe.SMembers(ctx, batchOpenKey(o, id))
	b, err := s.execBatch(ctx, pipe, o, id)
	if err != nil {
		return b, err
	}
	return b, s.countOpen(ctx, &b, toIDs(open.Val()))
}

// execBatch reads a batch's record together with what stands in the pipeline. Jobs that are still to be written count as queued, until it is clear
// that whoever wrote them has died.
func (s *Store) execBatch(ctx context.Context, pipe redis.Pipeliner, o job.Owner, id job.BatchID) (job.Batch, error) {
	record, entered := pipe.HGetAll(ctx, batchKey(o, id)), pipe.ZCard(ctx, batchJobsKey(o, id))
	if _, err := pipe.Exec(ctx); err != nil {
		return job.Batch{}, unavailable("read batch", err)
	}
	if len(record.Val()) == 0 {
		return job.Batch{}, job.Errorf(job.NotFound, "There is no batch %s.", id)
	}
	b, err := decodeBatch(o, id, record.Val())
	switch missing := b.Counts.Total - entered.Val(); {
	case missing <= 0:
	case time.Since(b.CreatedAt) < batchPatience:
		b.Counts.Queued = missing
	default:
		b.Counts.Total -= missing
	}
	return b, err
}

// countOpen adds up where the jobs stand that have not been counted as ended, and counts those that have ended all the same.
func (s *Store) countOpen(ctx context.Context, b *job.Batch, open []job.ID) error {
	states, err := s.states(ctx, open)
	if err != nil {
		return err
	}
	var settled []any
	for _, id := range open {
		state, there := states[id]
		switch made, _ := id.Time(); {
		case !there && time.Since(made) < missingAfter:
			b.Counts.Queued++ // it is being written
		case !there:
			b.Counts.Total--
			settled = append(settled, string(id), "missing")
		default:
			count(&b.Counts, state)
			if state.Terminal() {
				settled = append(settled, string(id), string(state))
			}
		}
	}
	if len(settled) > 0 {
		b.EndedAt = time.Now().UTC().Truncate(time.Millisecond)
	}
	for part := range slices.Chunk(settled, 2*mostClosed) { // pairs
		if err := s.settleBatchJobs(ctx, b.Owner, b.ID, part...); err != nil {
			return err
		}
	}
	return nil
}

func count(c *job.BatchCounts, state job.State) {
	switch state {
	case job.Scheduled:
		c.Scheduled++
	case job.Queued:
		c.Queued++
	case job.Running:
		c.Running++
	case job.Succeeded:
		c.Succeeded++
	case job.Failed:
		c.Failed++
	case job.Cancelled:
		c.Cancelled++
	case job.Expired:
		c.Expired++
	}
}

// states tells where jobs stand, with a call for each shard and some thousand in a round trip; one that does not exist is absent.
func (s *Store) states(ctx context.Context, ids []job.ID) (map[job.ID]job.State, error) {
	byShard := map[job.Shard][]job.ID{}
	for _, id := range ids {
		byShard[id.Shard()] = append(byShard[id.Shard()], id)
	}
	var calls []scriptCall
	var asked [][]job.ID
	for shard, all := range byShard {
		for part := range slices.Chunk(all, mostLooked) {
			keys := make([]string, len(part))
			for i, id := range part {
				keys[i] = jobKey(id)
			}
			calls, asked = append(calls, scriptCall{keys, []any{computationPrefix(shard)}}), append(asked, part)
		}
	}
	states := make(map[job.ID]job.State, len(ids))
	for first := 0; first < len(calls); first += mostLooked {
		last := min(first+mostLooked, len(calls))
		cmds, err := s.callAll(ctx, s.batchStates, calls[first:last])
		if err != nil {
			return nil, unavailable("read states of jobs", err)
		}
		for i, cmd := range cmds {
			texts, err := cmd.StringSlice()
			if err != nil {
				return nil, unavailable("read states of jobs", err)
			}
			for k, text := range texts {
				if text != "" {
					states[asked[first+i][k]] = job.State(text)
				}
			}
		}
	}
	return states, nil
}

// splits are the last counts of the open jobs of large batches, shared by all that read them.
type splits struct {
	mu sync.Mutex
	of map[job.BatchID]*split
}

// split is how many of a batch's open jobs ran or waited for their time when they were last counted. Its fields belong to whoever has the turn.
type split struct {
	turn               chan struct{}
	running, scheduled int64
	until              time.Time
}

func newSplits() *splits { return &splits{of: map[job.BatchID]*split{}} }

// enter waits for those who count the batch at the moment. done is to be called.
func (s *splits) enter(ctx context.Context, id job.BatchID) (of *split, done func(), err error) {
	s.mu.Lock()
	if s.of[id] == nil {
		s.forget()
		s.of[id] = &split{turn: make(chan struct{}, 1)}
	}
	of = s.of[id]
	s.mu.Unlock()
	select {
	case of.turn <- struct{}{}:
		return of, func() { <-of.turn }, nil
	case <-ctx.Done():
		return nil, nil, unavailable("read batch", ctx.Err())
	}
}

// forget drops those that nobody has asked for lately.
func (s *splits) forget() {
	for id, of := range s.of {
		select {
		case of.turn <- struct{}{}:
			if time.Since(of.until) > splitMost {
				delete(s.of, id)
			}
			<-of.turn
		default: // somebody counts it
		}
	}
}

func (s *split) stands() bool { return time.Now().Before(s.until) }

func (s *split) set(c job.BatchCounts, took time.Duration) {
	s.running, s.scheduled = c.Running, c.Scheduled
	s.until = time.Now().Add(min(max(splitPause*took, splitLeast), splitMost))
}
