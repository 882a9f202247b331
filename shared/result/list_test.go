package result_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/result"
)

func TestListPagesThroughAShard(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	var want []string
	for i := range 25 {
		key := result.Key(fingerprint, "r", int64(i))
		write(t, s, key, digits(3), 3)
		want = append(want, key)
	}
	slices.Sort(want)
	write(t, s, result.Key("fff"+fingerprint[3:], "r", 1), digits(3), 3)
	for _, size := range []int{1, 10, 25, 100} {
		var got []string
		var from []byte
		for {
			page, next, err := s.List(t.Context(), "abc", from, size)
			if err != nil || len(page) > size {
				t.Fatalf("got a page of %d, %v, want at most %d", len(page), err, size)
			}
			for _, b := range page {
				got = append(got, b.Key)
				if age := time.Since(b.ModTime); age < -time.Minute || age > time.Minute {
					t.Errorf("%s is %v old, want it new", b.Key, age)
				}
			}
			if from = next; from == nil {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", size, diff)
		}
	}
	if page, next, err := s.List(t.Context(), "000", nil, 10); err != nil || len(page) != 0 || next != nil {
		t.Errorf("a shard without results: got %v, %q, %v, want nothing", page, next, err)
	}
}

func TestListShowsWhatIsBeingWritten(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	key := result.Key(fingerprint, "r", 1)
	w, err := s.Create(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	page, _, err := s.List(t.Context(), "abc", nil, 10)
	if err != nil || len(page) != 1 {
		t.Fatalf("got %v, %v, want the unfinished file: a crash would leave it", page, err)
	}
	if _, _, _, ok := result.ParseKey(page[0].Key); ok {
		t.Errorf("the unfinished file has the name of a finished one: %s", page[0].Key)
	}
	if err := s.Delete(t.Context(), page[0].Key); err != nil {
		t.Errorf("it cannot be deleted by the name that it is listed under: %v", err)
	}
	_ = w.Close()
	if page, _, err := s.List(t.Context(), "abc", nil, 10); err != nil || len(page) != 0 {
		t.Errorf("got %v, %v, want nothing left", page, err)
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	f, run, attempt, ok := result.ParseKey(result.Key(fingerprint, "0011223344556677", 12))
	if !ok || f != fingerprint || run != "0011223344556677" || attempt != 12 {
		t.Errorf("got %q, %q, %d, %v, want what the key was made of", f, run, attempt, ok)
	}
	const stem = "abc/" + string(fingerprint)
	for _, key := range []string{
		"", "abc", stem, stem + "/r-1", stem + "/r-1.txt.18a.tmp", stem + "/r.txt", stem + "/r-.txt", stem + "/-1.txt", stem + "/r-01.txt", stem + "/r-x.txt",
		"abd/" + string(fingerprint) + "/r-1.txt", "abc/short/r-1.txt", stem + "/a/r-1.txt", "/" + stem + "/r-1.txt",
	} {
		if f, run, attempt, ok := result.ParseKey(key); ok {
			t.Errorf("ParseKey(%q): got %q, %q, %d, want a refusal", key, f, run, attempt)
		}
	}
}
