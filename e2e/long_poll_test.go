package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"numbermill/api/client"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// A long poll answers as soon as the job has changed or ended, and at the end of its wait if nothing has.
func TestLongPoll(t *testing.T) {
	t.Parallel()
	redis, results := redistest.Start(t), platformtest.Folder(t)
	_, c := platformtest.API(t, redis, results)

	j, r := post(t, c, "fibonacci", "n=54321")
	etag := r.Header.Get("ETag")
	if r := request(t, c, http.MethodGet, j.Links.Self, "", "If-None-Match", etag); r.Status != http.StatusNotModified || r.Header.Get("ETag") != etag || len(r.Body) > 0 {
		t.Errorf("nothing has changed: got %s with ETag %q, want 304 with %q", r, r.Header.Get("ETag"), etag)
	}
	asked := time.Now()
	r = request(t, c, http.MethodGet, j.Links.Self, "", "If-None-Match", etag, "Prefer", "wait=1")
	if took := time.Since(asked); r.Status != http.StatusNotModified || took < time.Second || r.Header.Get("Preference-Applied") != "wait=1" {
		t.Errorf("nothing changes for a second: got %s after %v, want 304 after 1 s", r, took)
	}

	type answer struct {
		job client.Answer
		err error
		at  time.Time
	}
	answers := make(chan answer)
	ctx := within(t, platformtest.Patience)
	for _, until := range []client.GetOptions{{Wait: 50 * time.Second}, {Wait: 50 * time.Second, ETag: etag}} {
		go func() {
			j, err := c.Get(ctx, j.ID, until)
			answers <- answer{j, err, time.Now()}
		}()
	}
	began := time.Now()
	platformtest.Worker(t, redis, results)
	for range 2 {
		a := <-answers
		if a.err != nil {
			t.Fatal(a.err)
		}
		if took := a.at.Sub(began); a.job.State == job.Queued || took > 30*time.Second {
			t.Errorf("the long poll answers after %v that the job is %s, want it soon, and started", took, a.job.State)
		}
	}
	await(t, c, j.ID, job.Succeeded, platformtest.Patience)
}

// A submission that may wait answers 200 with the finished job, also for one that is known already; one whose wait is too short answers 202.
func TestSubmitAndWait(t *testing.T) {
	t.Parallel()
	_, c := platformtest.Up(t, platformtest.Folder(t))
	for _, want := range []job.Cache{job.Miss, job.Hit} {
		asked := time.Now()
		j, r := post(t, c, "fibonacci", "n=100003", "Prefer", "respond-async, wait=50")
		if took := time.Since(asked); r.Status != http.StatusOK || j.State != job.Succeeded || j.Result.Cache != want || took > 30*time.Second {
			t.Errorf("got %s after %v, want 200, succeeded, cache %s, soon", r, took, want)
		}
	}
	slow, r := post(t, c, "fibonacci/recursive", "n=50", "Prefer", "wait=1")
	if r.Status != http.StatusAccepted || r.Header.Get("Preference-Applied") != "wait=1" || r.Header.Get("Retry-After") == "" {
		t.Errorf("got %s with %v, want 202 with Preference-Applied and Retry-After", r, r.Header)
	}
	cancel(t, c, slow)
}
