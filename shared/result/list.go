package result

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gocloud.dev/blob"

	"numbermill/shared/job"
	"numbermill/shared/telemetry/spans"
)

// Blob is what lies in the store under a key: digits, or what a crash has left of writing them.
type Blob struct {
	Key string
	// ModTime is when it was last written to.
	ModTime time.Time
	// Bytes is its size.
	Bytes int64
}

// List returns the blobs of a shard in the order of their keys, at most n of them, from where the page before ended; from is nil for
// the first page, and next is at the end.
func (s *Store) List(ctx context.Context, shard job.Shard, from []byte, n int) (page []Blob, next []byte, err error) {
	if from == nil {
		from = blob.FirstPageToken
	}
	objects, next, err := s.bucket.ListPage(spans.Silent(ctx), from, n, &blob.ListOptions{Prefix: string(shard) + "/"})
	if err != nil {
		return nil, nil, fmt.Errorf("list results: %w", err)
	}
	for _, o := range objects {
		page = append(page, Blob{o.Key, o.ModTime, o.Size})
	}
	return page, next, nil
}

// ParseKey is the reverse of Key; ok is false for what Key never makes, such as the name of a file that is still being written.
func ParseKey(key string) (f job.Fingerprint, run string, attempt int64, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 {
		return "", "", 0, false
	}
	f = job.Fingerprint(parts[1])
	name, isText := strings.CutSuffix(parts[2], ".txt")
	run, number, _ := strings.Cut(name, "-")
	attempt, err := strconv.ParseInt(number, 10, 64)
	if !isText || err != nil || run == "" || !f.Valid() || Key(f, run, attempt) != key {
		return "", "", 0, false
	}
	return f, run, attempt, true
}
