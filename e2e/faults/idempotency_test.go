package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// A key makes one job, however many say it at the same time, and however often the API is killed in the middle of it.
func TestIdempotency(t *testing.T) {
	begin(t)
	random := chance(t)
	p := open(t)
	for round := range sized(30, 3) {
		key := fmt.Sprintf("key-%d", round)
		request := want("fibonacci", fmt.Sprintf("n=%d", 40_000+round), "labels", map[string]string{"round": strconv.Itoa(round)})
		first := p.crowd(t, request, key)
		crash := make(chan struct{})
		go func() { // one more people do not hear the answer of
			defer close(crash)
			_, _ = submit(t.Context(), p.c, request, "Idempotency-Key", key+"-crash")
		}()
		moment(t, random, 3*time.Millisecond)
		p.api.Kill(t)
		<-crash
		p.api, p.c = platformtest.API(t, p.redis.URL(), p.results)
		second := p.crowd(t, request, key+"-crash")
		if again := p.crowd(t, request, key); again != first || second == first {
			t.Errorf("the key makes %s after the crash, and %s before; another key %s", again, first, second)
		}
		if got := p.labelled(t, round); got != 2 {
			t.Errorf("there are %d jobs of two keys, want 2", got)
		}
		body, _ := text(want("fibonacci", "n=39999"))
		r, err := p.c.Do(within(t, platformtest.Patience), http.MethodPost, "/v1/jobs", body, "Idempotency-Key", key)
		if err != nil || r.Status != http.StatusUnprocessableEntity {
			t.Errorf("another request with the same key: %s %v, want 422", r, err)
		}
	}
	note(t, "API killed in the middle of a submission", "%d times; each key made one job", sized(30, 3))
}

// crowd submits the same with the same key from many sides at once, and returns the one job that all of them get.
func (p *platform) crowd(t *testing.T, request any, key string) string {
	t.Helper()
	const people = 16
	ctx := within(t, platformtest.Patience)
	ids, replayed, errs := make([]string, people), make([]bool, people), make([]error, people)
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() { ids[i], replayed[i], errs[i] = p.insist(ctx, request, key) })
	}
	all.Wait()
	var fresh int
	for i := range people {
		if errs[i] != nil || ids[i] != ids[0] {
			t.Fatalf("one key: job %s, and job %s (%v)", ids[0], ids[i], errs[i])
		}
		if !replayed[i] {
			fresh++
		}
	}
	if fresh > 1 {
		t.Errorf("%d of %d answers to one key are no replay, want at most 1", fresh, people)
	}
	return ids[0]
}

// labelled is how many jobs there are of a round.
func (p *platform) labelled(t *testing.T, round int) int {
	t.Helper()
	r, err := p.c.Do(within(t, platformtest.Patience), http.MethodGet, fmt.Sprintf("/v1/jobs?page_size=1000&label=round:%d", round), "")
	if err != nil || r.Status != http.StatusOK {
		t.Fatalf("list jobs: %s %v", r, err)
	}
	var list struct {
		Jobs []json.RawMessage `json:"jobs"`
	}
	if err := r.Decode(&list); err != nil {
		t.Fatal(err)
	}
	return len(list.Jobs)
}

// insist submits until there is a job, as long as the first with its key has none yet.
func (p *platform) insist(ctx context.Context, request any, key string) (id string, replayed bool, err error) {
	body, err := text(request)
	if err != nil {
		return "", false, err
	}
	again := newPace(10 * time.Millisecond)
	defer again.stop()
	for {
		r, err := p.c.Do(ctx, http.MethodPost, "/v1/jobs", body, "Idempotency-Key", key)
		switch {
		case err != nil:
			return "", false, err
		case r.Status == http.StatusOK || r.Status == http.StatusAccepted:
			var d document
			err := r.Decode(&d)
			return d.ID, r.Header.Get("Idempotency-Replayed") == "true", err
		case r.Status != http.StatusConflict:
			return "", false, refusal{r}
		}
		if err := again.wait(ctx); err != nil {
			return "", false, fmt.Errorf("%s: %w", r, err)
		}
	}
}
