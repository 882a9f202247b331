package faults_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// A batch of 10,000 jobs is taken at once and carried out, though a worker is killed in the middle of it; another is cancelled as a whole.
func TestBatch(t *testing.T) {
	begin(t)
	random := chance(t)
	p := open(t)
	p.hire(t)
	p.hire(t)
	size := sized(10_000, 1000)
	b, took := p.many(t, size, "fibonacci", 1000)
	note(t, "taken", "%d jobs in %v", size, took.Round(time.Millisecond))
	began := time.Now()
	moment(t, random, time.Second)
	p.workers[0].Kill(t)
	p.hire(t)
	b = p.awaitBatch(t, b.ID, 5*time.Minute)
	note(t, "carried out", "%v in %v, a worker killed meanwhile", b.Counts, time.Since(began).Round(time.Millisecond))
	if b.Counts["succeeded"] != size {
		t.Errorf("the batch ends as %v, want %d succeeded", b.Counts, size)
	}
	doomed, _ := p.many(t, size, "factorial/recursive", 200_000)
	r, err := p.c.Do(within(t, platformtest.Patience), http.MethodPost, "/v1/batches/"+doomed.ID+"/cancel", "")
	if err != nil || r.Status != http.StatusOK {
		t.Fatalf("cancel a batch: %s %v", r, err)
	}
	doomed = p.awaitBatch(t, doomed.ID, platformtest.Patience)
	note(t, "cancelled as a whole", "%v", doomed.Counts)
	if doomed.Counts["cancelled"] != size {
		t.Errorf("the batch ends as %v, want %d cancelled", doomed.Counts, size)
	}
	await(t, p.c, must(t, p.c, want("factorial/recursive", "n=20000")).ID, "succeeded", platformtest.Patience) // nothing is in its way
}

// many submits a batch of different numbers and returns how long that took.
func (p *platform) many(t *testing.T, size int, function string, from int) (batch, time.Duration) {
	t.Helper()
	jobs := make([]any, size)
	for i := range jobs {
		jobs[i] = want(function, fmt.Sprintf("n=%d", from+i))
	}
	began := time.Now()
	b := p.batch(t, map[string]any{"jobs": jobs})
	if b.Counts["total"] != size {
		t.Errorf("the batch has %d jobs, want %d", b.Counts["total"], size)
	}
	return b, time.Since(began)
}
