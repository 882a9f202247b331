package store_test

import (
	"testing"

	"numbermill/shared/job"
	"numbermill/shared/store"
)

func TestDeleteOfAnActiveJobIsRefused(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	_, err := x.s.Delete(t.Context(), job.LocalOwner, s.ID)
	wantCode(t, "delete while queued", err, job.Active)
	x.claim(s.Run)
	_, err = x.s.Delete(t.Context(), job.LocalOwner, s.ID)
	wantCode(t, "delete while running", err, job.Active)
	x.wantState(s, job.Running)
	x.cancel(s)
	if collected := x.remove(s); collected != nil {
		t.Errorf("a cancelled job has the result %+v to be collected, want none", collected)
	}
	_, err = x.s.Get(t.Context(), job.LocalOwner, s.ID)
	wantCode(t, "get", err, job.NotFound)
	page, _, err := x.s.List(t.Context(), job.LocalOwner, store.Filter{}, 10, "")
	if err != nil || len(page) != 0 {
		t.Errorf("the list has %d jobs, %v, want none", len(page), err)
	}
}

// storeBlob carries a run out whose digits lie in the result store.
func (x *fixture) storeBlob(r store.Run) string {
	x.t.Helper()
	a := x.claim(r)
	res := someResult
	res.Blob = "some/blob.txt"
	if held, err := x.s.Complete(x.t.Context(), a, res, ""); err != nil || !held {
		x.t.Fatalf("complete: got %v, %v", held, err)
	}
	return res.Blob
}

func TestTheResultGoesWithItsLastJob(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	miss, joined := x.submit(fp(1)), x.submit(fp(1))
	blob := x.storeBlob(miss.Run)
	hit := x.submit(fp(1))
	for _, s := range []store.Submission{joined, miss} {
		if collected := x.remove(s); collected != nil {
			t.Fatalf("the result is collected with other jobs left: %+v", collected)
		}
	}
	x.wantState(hit, job.Succeeded)
	collected := x.remove(hit)
	if collected == nil || collected.Blob != blob || collected.Run != miss.Run.ID || collected.Fingerprint != fp(1) {
		t.Fatalf("got %+v, want blob %q of run %s", collected, blob, miss.Run.ID)
	}
	if stored, err := x.s.IsStored(t.Context(), fp(1)); err != nil || stored {
		t.Errorf("a result that is being collected: stored %v, %v, want not", stored, err)
	}
	_, err := x.s.Digits(t.Context(), fp(1))
	wantCode(t, "digits", err, job.ResultGone)
	if err := x.s.Forget(t.Context(), *collected); err != nil {
		t.Fatal(err)
	}
	if n, err := x.rdb.Exists(t.Context(), computationKey(fp(1))).Result(); err != nil || n != 0 {
		t.Errorf("the computation's record is still there (%v)", err)
	}
	if got := x.submit(fp(1)); got.Cache != job.Miss {
		t.Errorf("a submit afterwards: got %s, want a miss", got.Cache)
	}
}

func TestASubmitDuringCollectingStartsAnew(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.storeBlob(s.Run)
	collected := x.remove(s)
	if collected == nil {
		t.Fatal("the result is not collected")
	}
	again := x.submit(fp(1))
	if again.Cache != job.Miss || again.Run.ID == s.Run.ID {
		t.Fatalf("got %s of run %s, want a miss with a run of its own", again.Cache, again.Run.ID)
	}
	if err := x.s.Forget(t.Context(), *collected); err != nil { // comes late
		t.Fatal(err)
	}
	x.compute(again.Run)
	x.wantState(again, job.Succeeded)
	if err := x.s.Forget(t.Context(), *collected); err != nil { // comes very late
		t.Fatal(err)
	}
	x.wantState(again, job.Succeeded)
	if ttl, err := x.rdb.TTL(t.Context(), computationKey(fp(1))).Result(); err != nil || ttl > 0 {
		t.Errorf("the new record goes in %v, %v, want it to stay", ttl, err)
	}
	if x.remove(again) == nil {
		t.Fatal("the new result is not collected")
	}
	if err := x.s.Forget(t.Context(), *collected); err != nil {
		t.Fatal(err)
	}
	if n, err := x.rdb.Exists(t.Context(), computationKey(fp(1))).Result(); err != nil || n != 1 {
		t.Errorf("the first result's end removes the record of the second (%v)", err)
	}
}

func TestWhatACrashLeavesOfCollectingGoes(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	s := x.submit(fp(1))
	x.storeBlob(s.Run)
	x.remove(s) // and then a crash before Forget
	if ttl, err := x.rdb.TTL(t.Context(), computationKey(fp(1))).Result(); err != nil || ttl <= 0 {
		t.Errorf("the record goes in %v, %v, want it to go by itself", ttl, err)
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	_, err := x.s.Digits(t.Context(), fp(1))
	wantCode(t, "digits of nothing", err, job.ResultGone)
	s := x.submit(fp(1))
	_, err = x.s.Digits(t.Context(), fp(1))
	wantCode(t, "digits before they are there", err, job.ResultGone)
	x.compute(s.Run)
	if got, err := x.s.Digits(t.Context(), fp(1)); err != nil || got != "144" {
		t.Errorf("got digits %q, %v, want 144", got, err)
	}
	if stored, err := x.s.IsStored(t.Context(), fp(1)); err != nil || !stored {
		t.Errorf("stored: got %v, %v, want true", stored, err)
	}
}

func TestBlobUse(t *testing.T) {
	t.Parallel()
	x := setUp(t)
	want := func(when, run string, attempt int64, blob string, want store.Use) {
		t.Helper()
		if got, err := x.s.BlobUse(t.Context(), fp(1), run, attempt, blob); err != nil || got != want {
			t.Errorf("%s: got use %v, %v, want %v", when, got, err, want)
		}
	}
	const blob = "some/blob.txt"
	want("no record", "r", 1, blob, store.Unknown)
	s := x.submit(fp(1))
	want("queued", s.Run.ID, 1, blob, store.Unused)
	x.claim(s.Run)
	want("being written", s.Run.ID, 1, blob, store.InUse)
	want("of another run", "r", 1, blob, store.Unused)
	x.storeBlob(s.Run) // by a second attempt
	want("published", s.Run.ID, 2, blob, store.InUse)
	want("of the attempt before", s.Run.ID, 1, "other/blob.txt", store.Unused)
	x.remove(s)
	want("collected", s.Run.ID, 2, blob, store.Unused)
}
