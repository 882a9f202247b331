package faults_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// Jobs that failed keep their input, error, attempts and log, whatever becomes of Asynq's archive; one or many are retried.
func TestDeadLetters(t *testing.T) {
	begin(t)
	p := open(t)
	p.hire(t)
	restore := breakFolder(t, p.results)
	var failed []document
	for i := range sized(50, 10) {
		failed = append(failed, must(t, p.c, want("fibonacci", fmt.Sprintf("n=%d", 100_000+i), "max_attempts", 1+i%2)))
	}
	for i, d := range failed {
		failed[i] = await(t, p.c, d.ID, "failed", 2*platformtest.Patience)
	}
	restore()
	p.forgetArchive(t)
	for i, d := range failed {
		p.autopsy(t, d, 1+i%2)
	}
	note(t, "failed jobs say", "%+v", *failed[0].Error)

	one, err := ask(within(t, platformtest.Patience), p.c, http.MethodPost, "/v1/jobs/"+failed[0].ID+"/retry", nil)
	if err != nil || one.RetryOf == nil || *one.RetryOf != failed[0].ID {
		t.Fatalf("retry one: %v %+v, want a new job that says what it is a retry of", err, one)
	}
	await(t, p.c, one.ID, "succeeded", platformtest.Patience)
	var ids []string
	for _, d := range failed[1:] {
		ids = append(ids, d.ID)
	}
	b := p.batch(t, map[string]any{"retry_of": ids})
	b = p.awaitBatch(t, b.ID, platformtest.Patience)
	if b.Counts["succeeded"] != len(ids) {
		t.Errorf("retry of %d jobs: %v, want all to succeed", len(ids), b.Counts)
	}
	for _, d := range failed {
		if now, err := get(within(t, platformtest.Patience), p.c, d.ID); err != nil || now.outcome() != d.outcome() {
			t.Errorf("%s was %s and is %s (%v)", d.ID, d.outcome(), now.outcome(), err)
		}
	}
	note(t, "dead letters", "%d kept and retried, one by one job and the others by a batch", len(failed))
}

// breakFolder puts a file in the place of the folder of digits, so that no worker can write any, until restore.
func breakFolder(t *testing.T, dir string) (restore func()) {
	t.Helper()
	aside := dir + ".aside"
	t.Cleanup(func() { _ = os.RemoveAll(aside) })
	swap := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	swap(dir, aside)
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		swap(aside, dir)
	}
}

// forgetArchive takes every trace of ended tasks away from Asynq.
func (p *platform) forgetArchive(t *testing.T) {
	t.Helper()
	ctx := within(t, platformtest.Patience)
	for _, pattern := range []string{"asynq:{*}:archived", "asynq:{*}:completed"} {
		keys := p.rdb.Scan(ctx, 0, pattern, 1000).Iterator()
		for keys.Next(ctx) {
			if err := p.rdb.Del(ctx, keys.Val()).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// autopsy looks at everything that is kept of a failed job.
func (p *platform) autopsy(t *testing.T, d document, tries int) {
	t.Helper()
	now, err := get(within(t, platformtest.Patience), p.c, d.ID)
	if err != nil || now.State != "failed" || now.Error == nil || now.Error.Detail == "" || now.Function != d.Function || now.Args["n"] != d.Args["n"] {
		t.Errorf("the failed job is %+v (%v), want its input and its error", now, err)
	}
	attempts := p.attempts(t, d.ID)
	if len(attempts) != tries {
		t.Errorf("%s has %d attempts, want %d", d.ID, len(attempts), tries)
	}
	for _, a := range attempts {
		if a.State != "failed" || a.Error == nil || a.Worker == "" {
			t.Errorf("an attempt is %+v, want failed with its error and worker", a)
		}
	}
	r, err := p.c.Do(within(t, platformtest.Patience), http.MethodGet, "/v1/jobs/"+d.ID+"/logs", "")
	var log struct {
		Lines []struct {
			Message string `json:"message"`
		} `json:"lines"`
	}
	if err == nil {
		err = r.Decode(&log)
	}
	if err != nil || len(log.Lines) < 2*tries {
		t.Errorf("the log of %s has %d lines (%v), want the beginning and the end of %d attempts", d.ID, len(log.Lines), err, tries)
	}
}

// batch is what these tests read of one.
type batch struct {
	ID     string         `json:"id"`
	State  string         `json:"state"`
	Counts map[string]int `json:"counts"`
}

func (b *batch) UnmarshalJSON(text []byte) error {
	var d struct {
		ID     string                 `json:"id"`
		State  string                 `json:"state"`
		Counts map[string]json.Number `json:"counts"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return err
	}
	b.ID, b.State, b.Counts = d.ID, d.State, map[string]int{}
	for name, n := range d.Counts {
		count, err := n.Int64()
		if err != nil {
			return err
		}
		b.Counts[name] = int(count)
	}
	return nil
}

func (p *platform) batch(t *testing.T, body any) (b batch) {
	t.Helper()
	request, err := text(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.c.Do(within(t, platformtest.Patience), http.MethodPost, "/v1/batches", request)
	if err != nil || r.Status != http.StatusAccepted {
		t.Fatalf("submit a batch: %s %v", r, err)
	}
	if err := r.Decode(&b); err != nil {
		t.Fatal(err)
	}
	return b
}

// awaitBatch asks until all jobs of a batch have ended.
func (p *platform) awaitBatch(t *testing.T, id string, timeout time.Duration) (b batch) {
	t.Helper()
	ctx := within(t, timeout)
	again := newPace(50 * time.Millisecond)
	defer again.stop()
	for {
		r, err := p.c.Do(ctx, http.MethodGet, "/v1/batches/"+id, "")
		if err == nil && r.Status == http.StatusOK {
			err = r.Decode(&b)
		}
		switch {
		case err == nil && b.State == "ended":
			return b
		case ctx.Err() != nil:
			t.Fatalf("the batch has not ended: %s %v; %v", r, err, b.Counts)
		}
		_ = again.wait(ctx)
	}
}
