package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

func (x *fixture) batch(total int64) job.BatchID {
	x.t.Helper()
	id, err := job.NewBatchID()
	x.must(err)
	created, _ := id.Time()
	b := job.Batch{ID: id, CreatedAt: created, Labels: map[string]string{"run": "a"}, Counts: job.BatchCounts{Total: total}}
	replay, err := x.s.CreateBatch(x.t.Context(), job.LocalOwner, b, nil, manyOpen)
	if err != nil || replay != nil {
		x.t.Fatalf("create batch: got %+v, %v", replay, err)
	}
	return id
}

func (x *fixture) submitTo(b job.BatchID, f job.Fingerprint) store.Submission {
	x.t.Helper()
	r := request(f)
	r.Batch = b
	return x.submitAs(r)
}

func TestABatchCountsItsJobs(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		b := x.batch(6)
		other := x.batch(1)
		x.submitTo(other, fp(9))
		var s []store.Submission
		for i := range 6 {
			s = append(s, x.submitTo(b, fp(i)))
		}
		want := func(counts job.BatchCounts) {
			t.Helper()
			for range 2 { // what has been counted stays so
				got, err := x.s.Batch(t.Context(), job.LocalOwner, b)
				if diff := cmp.Diff(counts, got.Counts); err != nil || diff != "" || got.Labels["run"] != "a" || got.CreatedAt.IsZero() {
					t.Errorf("%+v, %v (-want +got):\n%s", got, err, diff)
				}
			}
		}
		want(job.BatchCounts{Total: 6, Queued: 6})
		x.claim(s[0].Run)
		x.compute(s[1].Run)
		x.cancel(s[2])
		if _, err := x.s.Expire(t.Context(), job.LocalOwner, s[3].ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := x.s.Fail(t.Context(), x.claim(s[4].Run), job.Failure{Code: "internal"}, true); err != nil {
			t.Fatal(err)
		}
		want(job.BatchCounts{Total: 6, Running: 1, Succeeded: 1, Cancelled: 1, Expired: 1, Failed: 1, Queued: 1})
		x.remove(s[1])
		x.cancel(s[5])
		x.remove(s[5]) // before anybody has looked
		want(job.BatchCounts{Total: 6, Running: 1, Succeeded: 1, Cancelled: 2, Expired: 1, Failed: 1})
		if got, err := x.s.Batch(t.Context(), job.LocalOwner, b); err != nil || got.EndedAt.Before(got.CreatedAt) {
			t.Errorf("the last of those that have ended did so at %v, %v", got.EndedAt, err)
		}
		open, err := x.s.BatchOpen(t.Context(), job.LocalOwner, b)
		if diff := cmp.Diff([]job.ID{s[0].ID}, open); err != nil || diff != "" {
			t.Errorf("open jobs: %v (-want +got):\n%s", err, diff)
		}
		page, next, err := x.s.List(t.Context(), job.LocalOwner, store.Filter{Batch: b}, 10, "")
		if err != nil || next != "" || len(page) != 4 || page[0].ID != s[4].ID || page[0].Batch != b {
			t.Errorf("got %d jobs of the batch, next %q, %v, want those four that are left, newest first", len(page), next, err)
		}
		_, err = x.s.Batch(t.Context(), "somebody", b)
		wantCode(t, "another owner's batch", err, job.NotFound)
	})
}

func TestBatchesInPages(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		var made []job.BatchID
		for range 5 {
			made = append([]job.BatchID{x.batch(0)}, made...)
		}
		var got []job.BatchID
		token := ""
		for {
			page, next, err := x.s.Batches(t.Context(), job.LocalOwner, 2, token)
			if err != nil || len(page) > 2 {
				t.Fatalf("got %d batches, %v", len(page), err)
			}
			for _, b := range page {
				got = append(got, b.ID)
			}
			if token = next; next == "" {
				break
			}
		}
		if diff := cmp.Diff(made, got); diff != "" {
			t.Errorf("the pages differ (-want +got):\n%s", diff)
		}
		_, jobsToken, err := x.s.List(t.Context(), job.LocalOwner, store.Filter{}, 1, "")
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = x.s.Batches(t.Context(), job.LocalOwner, 2, jobsToken+"x")
		wantCode(t, "a token of no list", err, job.BadPageToken)
	})
}

func TestABatchIsAdmittedWhole(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		x.submit(fp(1))
		id, err := job.NewBatchID()
		x.must(err)
		b := job.Batch{ID: id, CreatedAt: time.Now(), Counts: job.BatchCounts{Total: 10}}
		_, err = x.s.CreateBatch(t.Context(), job.LocalOwner, b, nil, 10)
		wantCode(t, "one too many", err, job.QuotaExceeded)
		k := &job.Key{Name: "k", Body: "a"}
		if replay, err := x.s.CreateBatch(t.Context(), job.LocalOwner, b, k, 11); err != nil || replay != nil {
			t.Fatalf("got %+v, %v, want it made", replay, err)
		}
		again := b
		again.ID, err = job.NewBatchID()
		x.must(err)
		_, err = x.s.CreateBatch(t.Context(), job.LocalOwner, again, k, 11)
		wantCode(t, "while its jobs are written", err, job.KeyInProgress)
		x.must(x.s.Answered(t.Context(), job.LocalOwner, *k, 202))
		replay, err := x.s.CreateBatch(t.Context(), job.LocalOwner, again, k, 11)
		if diff := cmp.Diff(&store.Replay{Status: 202, Batch: id}, replay); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestOldBatchesAreForgotten(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		ended, active := x.batch(1), x.batch(1)
		x.cancel(x.submitTo(ended, fp(1)))
		x.submitTo(active, fp(2))
		for range 2 { // the first counts what has ended
			x.must(x.s.ForgetBatches(t.Context(), job.LocalOwner, time.Now().Add(time.Minute), 100))
		}
		_, err := x.s.Batch(t.Context(), job.LocalOwner, ended)
		wantCode(t, "the batch that has ended", err, job.NotFound)
		if _, err := x.s.Batch(t.Context(), job.LocalOwner, active); err != nil {
			t.Errorf("the active batch: %v", err)
		}
		if keys, err := x.rdb.Keys(t.Context(), "nm:{o:local}:batch:"+string(ended)+"*").Result(); err != nil || len(keys) != 0 {
			t.Errorf("%v stay behind (%v)", keys, err)
		}
	})
}
