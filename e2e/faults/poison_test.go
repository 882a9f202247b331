package faults_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// A computation whose worker dies three times while it is all alone there has failed, and says why; it is refused for an hour, and
// nothing else is.
func TestPoison(t *testing.T) {
	begin(t)
	p := open(t)
	request := want("factorial/recursive", "n=280000")
	d := must(t, p.c, request)
	joined := must(t, p.c, request)
	losses := 0
	for {
		w := p.hire(t)
		line := w.Err.Await(t, platformtest.Patience, "an attempt of the job", says("attempt started", "trace.id", d.TraceID))
		p.described(t, line.Text("numbermill.worker"))
		w.Kill(t)
		losses++
		if losses == 4 { // the first may have been the fault of what ran beside it
			break
		}
	}
	healthy := p.hire(t) // somebody has to notice
	for _, id := range []string{d.ID, joined.ID} {
		ended := await(t, p.c, id, "failed", platformtest.Patience)
		note(t, "the job ends with", "%+v after %d attempts", *ended.Error, ended.Attempt)
		if ended.Attempt != int64(losses) {
			t.Errorf("it ended after %d attempts, want %d", ended.Attempt, losses)
		}
	}
	for i, a := range p.attempts(t, d.ID) {
		if a.State != "lost" {
			t.Errorf("attempt %d is %s, want lost", i+1, a.State)
		}
	}
	body, _ := text(request)
	r, err := p.c.Do(within(t, platformtest.Patience), http.MethodPost, "/v1/jobs", body)
	after, numberErr := strconv.Atoi(r.Header.Get("Retry-After"))
	if err != nil || r.Status != http.StatusUnprocessableEntity || numberErr != nil || after < 1 || after > 3600 {
		t.Errorf("the same again: %s %v, Retry-After %q, want 422 with up to 3600", r, err, r.Header.Get("Retry-After"))
	}
	await(t, p.c, must(t, p.c, want("factorial/recursive", "n=28000")).ID, "succeeded", platformtest.Patience)
	if got := healthy.Err.Find(says("attempt started", "trace.id", d.TraceID)); len(got) > 0 {
		t.Errorf("it was started once more: %s", got[0].Raw)
	}
}

// described waits until a worker has told everybody what it is at.
func (p *platform) described(t *testing.T, worker string) {
	t.Helper()
	ctx := within(t, platformtest.Patience)
	again := newPace(50 * time.Millisecond)
	defer again.stop()
	for {
		r, err := p.c.Do(ctx, http.MethodGet, "/v1/workers", "")
		var list struct {
			Workers []struct {
				Name string            `json:"name"`
				Jobs []json.RawMessage `json:"jobs"`
			} `json:"workers"`
		}
		if err == nil {
			err = r.Decode(&list)
		}
		for _, w := range list.Workers {
			if w.Name == worker && len(w.Jobs) > 0 {
				return
			}
		}
		if ctx.Err() != nil {
			t.Fatalf("worker %s does not say that it is at something: %s %v", worker, r, err)
		}
		_ = again.wait(ctx)
	}
}

// attempt is what these tests read of an attempt.
type attempt struct {
	Number int64  `json:"number"`
	State  string `json:"state"`
	Worker string `json:"worker"`
	Error  *struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	} `json:"error"`
}

func (p *platform) attempts(t *testing.T, id string) []attempt {
	t.Helper()
	r, err := p.c.Do(within(t, platformtest.Patience), http.MethodGet, "/v1/jobs/"+id+"/attempts", "")
	if err != nil || r.Status != http.StatusOK {
		t.Fatalf("the attempts of %s: %s %v", id, r, err)
	}
	var list struct {
		Attempts []attempt `json:"attempts"`
	}
	if err := r.Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list.Attempts
}
