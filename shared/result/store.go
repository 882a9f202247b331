// Package result stores the digits of finished computations: files in a folder, written under a key that only one attempt uses, so
// that nothing is ever overwritten. What makes a result visible is the record that names its key, in package store.
package result

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // the only driver that is linked
	"gocloud.dev/gcerrors"

	"numbermill/shared/job"
	"numbermill/shared/telemetry/spans"
)

// InlineLimit is up to how many digits a result is kept in the computation's record instead, in bytes.
const InlineLimit = 2048

// createTries is how often a file is begun whose folder goes meanwhile.
const createTries = 20

// Store is a folder of results. It is safe for concurrent use, by several processes too.
type Store struct {
	bucket *blob.Bucket
	dir    string
	quiet  func() error // ends what is told of the disk
}

// Open opens the folder, and makes it if it is not there.
func Open(ctx context.Context, dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open result store: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open result store: %w", err)
	}
	// no_tmp_dir: partial files lie beside the finished ones, on the same file system, so that the last step is a rename.
	// metadata=skip: no second file for each; the record knows all there is to know.
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(dir), RawQuery: "no_tmp_dir=1&metadata=skip"}
	bucket, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("open result store: %w", err)
	}
	quiet, err := tellDisk(dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open result store: %w", err), bucket.Close())
	}
	return &Store{bucket: bucket, dir: dir, quiet: quiet}, nil
}

// Key names the digits of one attempt.
func Key(f job.Fingerprint, run string, attempt int64) string {
	return fmt.Sprintf("%s/%s/%s-%d.txt", f.Shard(), f, run, attempt)
}

// Close ends the use of the store.
func (s *Store) Close() error { return errors.Join(s.quiet(), s.bucket.Close()) }

// Check tells whether results can be written, by writing one.
func (s *Store) Check(ctx context.Context) error {
	// In the top folder, which nobody removes.
	key := fmt.Sprintf("check-%d", os.Getpid())
	if err := s.bucket.WriteAll(spans.Silent(ctx), key, []byte("0"), nil); err != nil {
		return fmt.Errorf("write to result store: %w", err)
	}
	return s.Delete(ctx, key)
}

// Create begins to write digits under the key. They are there once Close has returned nil; a context that ends before, discards
// them.
func (s *Store) Create(ctx context.Context, key string) (io.WriteCloser, error) {
	options := &blob.WriterOptions{ContentType: "text/plain; charset=us-ascii", BufferSize: 1 << 18}
	w, err := s.bucket.NewWriter(spans.Silent(ctx), key, options)
	// Another attempt's Delete may take the folder away while it is made, or between its making and the file's.
	for try := 1; (gcerrors.Code(err) == gcerrors.NotFound || errors.Is(err, fs.ErrExist)) && try < createTries; try++ {
		w, err = s.bucket.NewWriter(spans.Silent(ctx), key, options)
	}
	if err != nil {
		return nil, fmt.Errorf("write result: %w", err)
	}
	return w, nil
}

// Reader opens the digits under the key, of which there must be size. It fails with job.ResultGone if they are not there.
func (s *Store) Reader(ctx context.Context, key string, size int64) (io.ReadSeekCloser, error) {
	r, err := s.bucket.NewReader(spans.Silent(ctx), key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, job.Errorf(job.ResultGone, "The digits are no longer kept. Submit the job again to compute them anew.")
	}
	if err != nil {
		return nil, fmt.Errorf("read result: %w", err)
	}
	if r.Size() != size {
		return nil, errors.Join(fmt.Errorf("read result %s: it has %d bytes, its record says %d", key, r.Size(), size), r.Close())
	}
	return r, nil
}

// Delete removes the digits under the key. It is no error if they are not there.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.bucket.Delete(spans.Silent(ctx), key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("delete result: %w", err)
	}
	// The folder of a computation goes with its last file; one that still holds another stays.
	if dir := filepath.Dir(filepath.Join(s.dir, filepath.FromSlash(key))); strings.HasPrefix(dir, s.dir+string(filepath.Separator)) {
		_ = os.Remove(dir) // not empty is the usual answer
	}
	return nil
}
