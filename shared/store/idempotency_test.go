package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

func keyed(f job.Fingerprint, body string) job.Request {
	r := request(f)
	r.Key = &job.Key{Name: "k", Body: body}
	return r
}

func TestAKeyMakesOneJob(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		r := keyed(fp(1), "a")
		if replay, err := x.s.Replay(t.Context(), job.LocalOwner, *r.Key); err != nil || replay != nil {
			t.Fatalf("a new key: got %+v, %v, want nothing", replay, err)
		}
		first := x.submitAs(r)
		for _, status := range []int{0, 202, 200} {
			if status != 0 {
				if err := x.s.Answered(t.Context(), job.LocalOwner, *r.Key, status); err != nil {
					t.Fatal(err)
				}
			}
			want := &store.Replay{Status: status, ID: first.ID}
			if diff := cmp.Diff(want, x.submitAs(r).Replayed); diff != "" {
				t.Errorf("submitted again (-want +got):\n%s", diff)
			}
			got, err := x.s.Replay(t.Context(), job.LocalOwner, *r.Key)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("looked up: %v (-want +got):\n%s", err, diff)
			}
		}
		if n := x.open(); n != 1 {
			t.Errorf("%d jobs are open, want the one", n)
		}
		_, err := x.s.Submit(t.Context(), keyed(fp(2), "b"), manyOpen)
		wantCode(t, "another request with the key", err, job.KeyReused)
		_, err = x.s.Replay(t.Context(), job.LocalOwner, job.Key{Name: "k", Body: "b"})
		wantCode(t, "another request looked up", err, job.KeyReused)
		if other, err := x.s.Replay(t.Context(), "somebody", *r.Key); err != nil || other != nil {
			t.Errorf("another owner's key: got %+v, %v, want nothing", other, err)
		}
		x.cancel(first)
		x.remove(first)
		_, err = x.s.Replay(t.Context(), job.LocalOwner, *r.Key)
		wantCode(t, "its job was deleted", err, job.NotFound)
	})
}

// The first request has entered its key and died before it wrote the job.
func TestAKeyOfARequestThatDied(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		r := keyed(fp(1), "a")
		first := x.submitAs(r)
		x.must(x.rdb.Del(t.Context(), "nm:{s:"+string(first.ID.Shard())+"}:job:"+string(first.ID)).Err())
		_, err := x.s.Submit(t.Context(), r, manyOpen)
		wantCode(t, "at once", err, job.KeyInProgress)
		_, err = x.s.Replay(t.Context(), job.LocalOwner, *r.Key)
		wantCode(t, "looked up at once", err, job.KeyInProgress)
		long := time.Now().Add(-time.Minute).UnixMilli()
		x.must(x.rdb.HSet(t.Context(), "nm:{o:local}:key:k", "ms", long).Err())
		second := x.submitAs(r)
		if second.Replayed != nil || second.ID == first.ID || second.ID == "" {
			t.Errorf("got %+v, want a new job", second)
		}
		if got := x.submitAs(r).Replayed; got == nil || got.ID != second.ID {
			t.Errorf("got %+v, want the second job", got)
		}
	})
}

func TestARefusedRequestFreesItsKey(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		r := keyed(fp(1), "a")
		x.must(x.rdb.Set(t.Context(), "nm:{s:"+string(fp(1).Shard())+"}:comp:"+string(fp(1))+":poison", "1", time.Hour).Err())
		_, err := x.s.Submit(t.Context(), r, manyOpen)
		wantCode(t, "a poisoned computation", err, job.Poisoned)
		if replay, err := x.s.Replay(t.Context(), job.LocalOwner, *r.Key); err != nil || replay != nil {
			t.Errorf("got %+v, %v, want the key free", replay, err)
		}
		if n := x.open(); n != 0 {
			t.Errorf("%d jobs are open, want none", n)
		}
	})
}
