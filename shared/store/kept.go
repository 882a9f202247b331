package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// KeepResult enters a blob into the list of stored results, from which the oldest go when there are too many. A blob that stands there
// already is entered anew.
func (s *Store) KeepResult(ctx context.Context, blob string, bytes int64, stored time.Time) error {
	keys := []string{resultsByAgeKey, resultSizesKey}
	return unavailable("list result", s.keepResult.Run(ctx, s.rdb, keys, blob, bytes, millis(stored)).Err())
}

// DropResult takes a blob off that list; one that does not stand there is no error.
func (s *Store) DropResult(ctx context.Context, blob string) error {
	return unavailable("drop result", s.keepResult.Run(ctx, s.rdb, []string{resultsByAgeKey, resultSizesKey}, blob, "", 0).Err())
}

// IsKept tells whether a blob stands on the list.
func (s *Store) IsKept(ctx context.Context, blob string) (bool, error) {
	ok, err := s.rdb.HExists(ctx, resultSizesKey, blob).Result()
	return ok, unavailable("look up result", err)
}

// ResultBytes is how many bytes the stored results have together.
func (s *Store) ResultBytes(ctx context.Context) (int64, error) {
	total, err := s.rdb.HGet(ctx, resultSizesKey, "total").Int64()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	return total, unavailable("read size of results", err)
}

// OldestResults are the blobs that have been stored longest, oldest first, at most limit, with their sizes in bytes.
func (s *Store) OldestResults(ctx context.Context, limit int) (blobs []string, sizes []int64, err error) {
	blobs, err = s.rdb.ZRange(ctx, resultsByAgeKey, 0, int64(limit-1)).Result()
	if err != nil || len(blobs) == 0 {
		return nil, nil, unavailable("list results", err)
	}
	texts, err := s.rdb.HMGet(ctx, resultSizesKey, blobs...).Result()
	if err != nil {
		return nil, nil, unavailable("list results", err)
	}
	sizes = make([]int64, len(blobs))
	for i, t := range texts {
		n, err := strconv.ParseInt(text(t), 10, 64)
		if err == nil {
			sizes[i] = n
		}
	}
	return blobs, sizes, nil
}
