package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// CreateBatch enters a batch; Counts.Total jobs are to come, by Submit. It fails with job.QuotaExceeded if its owner would have more than
// maxOpen jobs that have not ended. With a key it answers what the same request came to before, and fails, as Replay does.
func (s *Store) CreateBatch(ctx context.Context, o job.Owner, b job.Batch, k *job.Key, maxOpen int) (*Replay, error) {
	labels, err := json.Marshal(b.Labels)
	if err != nil {
		return nil, fmt.Errorf("encode labels: %w", err)
	}
	var key job.Key
	if k != nil {
		key = *k
	}
	keys := []string{ownerOpenKey(o), ownerBatchesKey(o), batchKey(o, b.ID), idempotencyKey(o, key.Name)}
	for range mostTries {
		reply, err := s.batch.Run(ctx, s.rdb, keys, string(b.ID), millis(b.CreatedAt), b.Counts.Total, labels, maxOpen, key.Body,
			int(keyTime.Seconds())).Slice()
		if err != nil {
			return nil, unavailable("create batch", err)
		}
		switch kind, _ := reply[0].(int64); kind {
		case 1:
			return nil, nil //nolint:nilnil // it is new: there is nothing to replay
		case 0:
			open, _ := reply[1].(int64)
			return nil, job.Errorf(job.QuotaExceeded, "%w", &QuotaError{Open: open, Most: int64(maxOpen), More: b.Counts.Total})
		}
		if replay, err := s.replay(ctx, o, key, reply[1:]); err != nil || replay != nil {
			return replay, err
		}
	}
	return nil, job.Errorf(job.KeyInProgress, "Another request with this idempotency key is being answered. Try again in a moment.")
}

func decodeBatch(o job.Owner, id job.BatchID, record map[string]string) (job.Batch, error) {
	b := job.Batch{ID: id, Owner: o}
	values := make([]any, 0, 8)
	for _, name := range []string{"created_ms", "total", "succeeded", "failed", "cancelled", "expired", "ended_ms", "labels"} {
		values = append(values, record[name])
	}
	f := &fields{values: values}
	b.CreatedAt = at(f.number())
	b.Counts = job.BatchCounts{Total: f.number(), Succeeded: f.number(), Failed: f.number(), Cancelled: f.number(), Expired: f.number()}
	b.EndedAt = at(f.number())
	if labels := into[map[string]string](f); labels != nil {
		b.Labels = *labels
	}
	if f.err != nil {
		return job.Batch{}, fmt.Errorf("read batch %s: %w", id, f.err)
	}
	return b, nil
}

// settleBatchJobs counts jobs of a batch as ended: pairs of id and state.
func (s *Store) settleBatchJobs(ctx context.Context, o job.Owner, id job.BatchID, idsAndStates ...any) error {
	if id == "" || len(idsAndStates) == 0 {
		return nil
	}
	keys := []string{batchKey(o, id), batchOpenKey(o, id), batchJobsKey(o, id)}
	args := append([]any{string(id)}, idsAndStates...)
	return unavailable("count jobs of a batch", s.settleBatch.Run(ctx, s.rdb, keys, args...).Err())
}

// CutBatch says that no more jobs of a batch are to come than were submitted: Counts.Total are those.
func (s *Store) CutBatch(ctx context.Context, o job.Owner, id job.BatchID) error {
	return unavailable("cut batch", s.batchCut.Run(ctx, s.rdb, []string{batchKey(o, id), batchJobsKey(o, id)}).Err())
}

// BatchOpen are the jobs of a batch that may not have ended.
func (s *Store) BatchOpen(ctx context.Context, o job.Owner, id job.BatchID) ([]job.ID, error) {
	names, err := s.rdb.SMembers(ctx, batchOpenKey(o, id)).Result()
	return toIDs(names), unavailable("read batch", err)
}

// Batches returns the owner's batches, newest first, at most size of them, from where token says. next is empty at the end. A token of another
// list, or of none, fails with job.BadPageToken.
func (s *Store) Batches(ctx context.Context, o job.Owner, size int, token string) (page []job.Batch, next string, err error) {
	mark, err := markOf("batches", o)
	if err != nil {
		return nil, "", err
	}
	from, err := parseToken(token, mark)
	if err != nil {
		return nil, "", err
	}
	for {
		chunk, err := s.indexChunk(ctx, ownerBatchesKey(o), Filter{}, from, size+1)
		if err != nil || len(chunk) == 0 {
			return page, "", err
		}
		for _, e := range chunk {
			if len(page) == size {
				return page, from.token(mark), nil
			}
			from = &e
			b, err := s.Batch(ctx, o, job.BatchID(e.ID))
			switch {
			case job.CodeOf(err) == job.NotFound: // it went at this very moment
			case err != nil:
				return nil, "", err
			default:
				page = append(page, b)
			}
		}
	}
}

// ForgetBatches removes the owner's batches that were made before the given time and have no job left, at most limit.
func (s *Store) ForgetBatches(ctx context.Context, o job.Owner, before time.Time, limit int) error {
	by := &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(millis(before), 10), Count: int64(limit)}
	names, err := s.rdb.ZRangeByScore(ctx, ownerBatchesKey(o), by).Result()
	if err != nil {
		return unavailable("list old batches", err)
	}
	for _, name := range names {
		id := job.BatchID(name)
		if left, err := s.BatchOpen(ctx, o, id); err != nil || len(left) > 0 {
			if err == nil {
				_, err = s.Batch(ctx, o, id) // counts what has ended
			}
			if err != nil && job.CodeOf(err) != job.NotFound {
				return err
			}
			continue
		}
		pipe := s.rdb.Pipeline()
		pipe.Del(ctx, batchKey(o, id), batchJobsKey(o, id), batchOpenKey(o, id))
		pipe.ZRem(ctx, ownerBatchesKey(o), name)
		if _, err := pipe.Exec(ctx); err != nil {
			return unavailable("forget batch", err)
		}
	}
	return nil
}
