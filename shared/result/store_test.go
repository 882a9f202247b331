package result_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/result"
)

const fingerprint job.Fingerprint = "abc4567890abcdef0123456789abcdef01234567"

// open is a store in a folder of its own, inside another that must stay as it is.
func open(t *testing.T) (s *result.Store, dir string) {
	t.Helper()
	outer := t.TempDir()
	dir = filepath.Join(outer, "results")
	s, err := result.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		entries, err := os.ReadDir(outer)
		if err != nil || len(entries) != 1 {
			t.Errorf("beside the store there is %v (%v), want nothing", entries, err)
		}
	})
	return s, dir
}

// files are all files in the folder, by their paths within it.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, strings.TrimPrefix(path, dir+string(filepath.Separator)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func write(t *testing.T, s *result.Store, key string, digits []byte, chunk int) {
	t.Helper()
	w, err := s.Create(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for len(digits) > 0 {
		n, err := w.Write(digits[:min(chunk, len(digits))])
		if err != nil {
			t.Fatal(err)
		}
		digits = digits[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// digits are n digits that do not repeat soon.
func digits(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%d", i)
	}
	return b.Bytes()[:n]
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	for i, size := range []int{0, 1, 2048, 2049, 1 << 18, 1<<18 + 1, 5_000_000} {
		want := digits(size)
		key := result.Key(fingerprint, "0011223344556677", int64(i))
		write(t, s, key, want, 100_003)
		r, err := s.Reader(t.Context(), key, int64(size))
		if err != nil {
			t.Fatalf("%d digits: %v", size, err)
		}
		got, err := io.ReadAll(r)
		if err != nil || sha256.Sum256(got) != sha256.Sum256(want) {
			t.Errorf("%d digits: got %d others, %v", size, len(got), err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := len(files(t, dir)); got != 7 {
		t.Errorf("there are %d files, want one for each result: %v", got, files(t, dir))
	}
}

func TestReaderSeeks(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	want := digits(100_000)
	key := result.Key(fingerprint, "r", 1)
	write(t, s, key, want, len(want))
	r, err := s.Reader(t.Context(), key, int64(len(want)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for _, c := range []struct{ from, n int }{{99_000, 1000}, {0, 10}, {50_000, 70_000}, {100_000, 1}, {1, 1}} {
		if _, err := r.Seek(int64(c.from), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(io.LimitReader(r, int64(c.n)))
		if part := want[c.from:min(c.from+c.n, len(want))]; err != nil || !bytes.Equal(got, part) {
			t.Errorf("%d digits from %d: got %d others, %v", c.n, c.from, len(got), err)
		}
	}
	if at, err := r.Seek(-7, io.SeekEnd); err != nil || at != 99_993 {
		t.Errorf("seek to 7 before the end: got %d, %v, want 99993", at, err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != string(want[99_993:]) {
		t.Errorf("the last 7: got %q, %v, want %q", got, err, want[99_993:])
	}
}

func TestReaderRefuses(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	key := result.Key(fingerprint, "r", 1)
	_, err := s.Reader(t.Context(), key, 10)
	if job.CodeOf(err) != job.ResultGone {
		t.Errorf("no digits: got %v, want code %q", err, job.ResultGone)
	}
	write(t, s, key, digits(10), 10)
	for _, size := range []int64{0, 9, 11} {
		r, err := s.Reader(t.Context(), key, size)
		if err == nil {
			_ = r.Close()
		}
		if err == nil || job.CodeOf(err) != "" {
			t.Errorf("a record of %d digits for a file of 10: got %v, want an internal error", size, err)
		}
	}
}

func TestNothingIsThereBeforeItIsWhole(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	key := result.Key(fingerprint, "r", 1)
	ctx, discard := context.WithCancel(t.Context())
	w, err := s.Create(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(digits(1 << 20)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reader(t.Context(), key, 1<<20); job.CodeOf(err) != job.ResultGone {
		t.Errorf("while it is written: got %v, want code %q", err, job.ResultGone)
	}
	discard()
	if err := w.Close(); err == nil {
		t.Error("a write that was discarded is closed without an error")
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("a write that was discarded leaves %v", got)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	one, two := result.Key(fingerprint, "r", 1), result.Key(fingerprint, "r", 2)
	write(t, s, one, digits(10), 10)
	write(t, s, two, digits(10), 10)
	for range 2 {
		if err := s.Delete(t.Context(), one); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if diff := cmp.Diff([]string{filepath.FromSlash(two)}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if err := s.Delete(t.Context(), two); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "abc", string(fingerprint))); !os.IsNotExist(err) {
		t.Errorf("the computation's folder is still there (%v)", err)
	}
}

func TestKeysStayInTheFolder(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	for _, key := range []string{"../escaped", "../../escaped", "/escaped", "a/../../escaped", "..", "a/..", `..\escaped`, "./../escaped"} {
		if w, err := s.Create(t.Context(), key); err == nil {
			_, _ = w.Write([]byte("1"))
			_ = w.Close() // a refusal at the end is fine too; what counts is checked below and when the test ends
		}
		_ = s.Delete(t.Context(), key)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("the folder itself has gone: %v", err)
	}
}

func TestManyWriteAndDeleteInOneFolder(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 100 { // the folder comes and goes
				key := result.Key(fingerprint, strconv.Itoa(i), int64(n))
				w, err := s.Create(t.Context(), key)
				if err != nil {
					t.Errorf("create: %v", err)
					return
				}
				if err := w.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
				if err := s.Delete(t.Context(), key); err != nil {
					t.Errorf("delete: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if err := s.Check(t.Context()); err != nil {
					t.Errorf("a store that is fine: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("the check leaves %v", got)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // a file where the folder was: root may write anywhere else
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err == nil {
		t.Error("a store without its folder passes the check")
	}
}

func TestOpenMakesTheFolderForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	_, dir := open(t)
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got mode %v, %v, want 0700", info.Mode(), err)
	}
}
