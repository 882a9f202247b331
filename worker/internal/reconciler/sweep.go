package reconciler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"numbermill/shared/job"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

const (
	shards = 1 << (4 * job.ShardDigits)
	// shardsAtOnce is how many shards one clean-up sweeps, so that all have had their turn within the hour.
	shardsAtOnce = shards/int(time.Hour/cleanUpEvery) + 1
	// blobsAtOnce bounds how many blobs one clean-up looks at. What is left has its turn the next time.
	blobsAtOnce = 2000
	sweepPage   = 500
	// evictedAtOnce bounds how many results go in one go.
	evictedAtOnce = 200
)

// sweepState is where the sweep goes on.
type sweepState struct {
	shard int
	from  []byte
}

// sweepBlobs removes old digits that no record points to: a crash between writing and publishing leaves them, or between the
// deletion of a job and that of its digits.
func (r *Reconciler) sweepBlobs(ctx context.Context) error {
	for shard, left := 0, blobsAtOnce; shard < shardsAtOnce && left > 0; {
		name := job.Shard(fmt.Sprintf("%0*x", job.ShardDigits, r.sweep.shard))
		page, next, err := r.results.List(ctx, name, r.sweep.from, min(sweepPage, left))
		if err != nil {
			return err
		}
		for _, b := range page {
			if err := r.sweepBlob(ctx, b); err != nil {
				return err
			}
		}
		left -= len(page)
		if r.sweep.from = next; next == nil {
			r.sweep.shard = (r.sweep.shard + 1) % shards
			shard++
		}
	}
	return nil
}

func (r *Reconciler) sweepBlob(ctx context.Context, b result.Blob) error {
	age := time.Since(b.ModTime)
	if age < r.delays.blob {
		return nil
	}
	if f, run, attempt, ok := result.ParseKey(b.Key); ok {
		use, err := r.records.BlobUse(ctx, f, run, attempt, b.Key)
		if err != nil {
			return err
		}
		// A record outlives what a crash leaves of it by more than a day, so that digits without one may well be those of another Redis
		// that has been used with this folder. They stay for as long as a job of theirs would have.
		if use == store.InUse {
			return r.enlist(ctx, b)
		}
		if use == store.Unknown && age < r.retention+r.delays.blob {
			return nil
		}
	}
	r.logger.InfoContext(ctx, "unused digits removed", slog.String("blob", b.Key), slog.Time("written_at", b.ModTime))
	if err := r.results.Delete(ctx, b.Key); err != nil {
		return err
	}
	return r.records.DropResult(ctx, b.Key)
}

// enlist enters a result into the list by age that a crash has kept out of it.
func (r *Reconciler) enlist(ctx context.Context, b result.Blob) error {
	if kept, err := r.records.IsKept(ctx, b.Key); err != nil || kept {
		return err
	}
	return r.records.KeepResult(ctx, b.Key, b.Bytes, b.ModTime)
}

// evict removes the oldest results while there are too many. Their jobs stay, and say that the digits are no longer kept.
func (r *Reconciler) evict(ctx context.Context) error {
	total, err := r.records.ResultBytes(ctx)
	if err != nil || total <= r.resultsMax {
		return err
	}
	blobs, sizes, err := r.records.OldestResults(ctx, evictedAtOnce)
	if err != nil {
		return err
	}
	for i, b := range blobs {
		if total <= r.resultsMax {
			break
		}
		if f, run, _, ok := result.ParseKey(b); ok {
			if _, err := r.records.Vanished(ctx, f, run); err != nil {
				return err
			}
		}
		if err := errors.Join(r.results.Delete(ctx, b), r.records.DropResult(ctx, b)); err != nil {
			return err
		}
		r.logger.InfoContext(ctx, "oldest digits removed to make room", slog.String("blob", b), slog.Int64("bytes", sizes[i]))
		total -= sizes[i]
	}
	return nil
}
