package server_test

import (
	"net/http"
	"strings"
	"testing"

	"numbermill/api"
	"numbermill/shared/job"
)

// requestWithKey is a request that a key is tried with.
const requestWithKey = `{"function":"fibonacci","args":{"n":"1000000"},"labels":{"run":"a"}}`

func TestTheSameKeyIsTheSameJob(t *testing.T) {
	t.Parallel()
	h := start(t)
	first := h.want(h.post(requestWithKey, header{"Idempotency-Key": `"k-1"`}), http.StatusAccepted)
	if got := first.Header.Get("Idempotency-Replayed"); got != "" {
		t.Errorf("the first answer has Idempotency-Replayed: %q", got)
	}
	id := decode[api.Job](t, first).ID
	// However it is spelled, it is the same request and the same key.
	for _, body := range []string{
		requestWithKey,
		` { "labels" : {"run":"a"}, "args" : {"n":1e6}, "function" : "fibonacci" }`,
		`{"function":"fibonacci","method":"fast","args":{"n":"1_000_000"},"labels":{"run":"a"},"max_attempts":3,"priority":"standard"}`,
	} {
		for _, key := range []string{`"k-1"`, "k-1"} {
			r := h.want(h.post(body, header{"Idempotency-Key": key}), http.StatusAccepted)
			if got := decode[api.Job](t, r).ID; got != id || r.Header.Get("Idempotency-Replayed") != "true" || r.Header.Get("Location") != "/v1/jobs/"+string(id) {
				t.Errorf("%s with %s: got job %s, %v, want %s again", body, key, got, r.Header, id)
			}
		}
	}
	// The status is the first one's, the job as it is now.
	h.finish(h.claimed(), "55")
	r := h.want(h.post(requestWithKey, header{"Idempotency-Key": "k-1", "Prefer": "wait=5"}), http.StatusAccepted)
	if got := decode[api.Job](t, r); got.State != job.Succeeded {
		t.Errorf("replayed after its end the job is %s", got.State)
	}
	if got := len(decode[api.JobList](t, h.get("/v1/jobs", nil)).Jobs); got != 1 {
		t.Errorf("there are %d jobs, want 1", got)
	}
	// Another key hits the result, and says so each time.
	for _, replayed := range []string{"", "true"} {
		r := h.want(h.post(requestWithKey, header{"Idempotency-Key": "k-2"}), http.StatusOK)
		if got := r.Header.Get("Idempotency-Replayed"); got != replayed {
			t.Errorf("Idempotency-Replayed is %q, want %q", got, replayed)
		}
	}
}

func TestAKeyBelongsToOneRequest(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.want(h.post(requestWithKey, header{"Idempotency-Key": "k"}), http.StatusAccepted)
	reused := refusal{http.StatusUnprocessableEntity, "idempotency-key-reused", nil, "new key"}
	for _, body := range []string{
		`{"function":"fibonacci","args":{"n":"1000001"},"labels":{"run":"a"}}`,
		`{"function":"fibonacci","args":{"n":"1000000"}}`,
		`{"function":"fibonacci","args":{"n":"1000000"},"labels":{"run":"a"},"priority":"low"}`,
		`{"function":"fibonacci","args":{"n":"1000000"},"labels":{"run":"a"},"deadline_seconds":60}`,
	} {
		h.wantRefusal(h.post(body, header{"Idempotency-Key": "k"}), reused)
	}
	h.wantRefusal(h.post(requestWithKey, header{"Idempotency-Key": "k", "Cancel-After": "60"}), reused)
	// It is another key on another path.
	h.want(h.do(http.MethodPost, "/v1/batches", `{"jobs":[{"function":"fibonacci","args":{"n":"1"}}]}`, header{"Idempotency-Key": "k"}), http.StatusAccepted)
}

func TestRefusalsAreNotKept(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.want(h.post(`{"function":"fibonacci","args":{"n":"-1"}}`, header{"Idempotency-Key": "k"}), http.StatusUnprocessableEntity)
	h.want(h.post(`{"function":"fibonacci","args":{"n":"1e12"}}`, header{"Idempotency-Key": "k"}), http.StatusUnprocessableEntity)
	r := h.want(h.post(requestWithKey, header{"Idempotency-Key": "k"}), http.StatusAccepted)
	if r.Header.Get("Idempotency-Replayed") != "" {
		t.Error("the first request that was accepted counts as a replay")
	}
	// A job that was deleted is not made anew behind the client's back.
	id := decode[api.Job](t, r).ID
	h.want(h.do(http.MethodPost, "/v1/jobs/"+string(id)+"/cancel", "", nil), http.StatusOK)
	h.want(h.do(http.MethodDelete, "/v1/jobs/"+string(id), "", nil), http.StatusNoContent)
	h.wantRefusal(h.post(requestWithKey, header{"Idempotency-Key": "k"}), refusal{http.StatusNotFound, "not-found", nil, "new key"})
}

func TestKeysThatCannotBe(t *testing.T) {
	t.Parallel()
	h := start(t)
	for name, key := range map[string]string{
		"nothing": "", "open quote": `"k`, "empty": `""`, "space": "a b", "no ASCII": "schlüssel", "too long": strings.Repeat("k", 256),
		"too long in quotes": `"` + strings.Repeat("k", 256) + `"`, "backslash": `"a\b"`, "parameter": `"a";b`, "quote inside": `"a"b"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			h.wantRefusal(h.post(requestWithKey, header{"Idempotency-Key": key}), refusal{http.StatusBadRequest, "malformed", nil, "Idempotency-Key"})
		})
	}
	for name, keys := range map[string][2]string{
		"long":    {strings.Repeat("k", 255), `"` + strings.Repeat("k", 255) + `"`},
		"escaped": {`"a \"b\" \\ c"`, `"a \"b\" \\ c"`},
		"comma":   {"a,b", `"a,b"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			h.want(h.post(requestWithKey, header{"Idempotency-Key": keys[0]}), http.StatusAccepted)
			if r := h.want(h.post(requestWithKey, header{"Idempotency-Key": keys[1]}), http.StatusAccepted); r.Header.Get("Idempotency-Replayed") != "true" {
				t.Errorf("%s is not the same key as %s", keys[1], keys[0])
			}
		})
	}
}

// Many clients send the same request at once: one of them makes the job, the others get it or are told to wait a moment.
func TestOneKeyAtOnce(t *testing.T) {
	t.Parallel()
	h := start(t)
	const clients = 20
	answers := make(chan reply, clients)
	for range clients {
		go func() { answers <- h.post(requestWithKey, header{"Idempotency-Key": "k"}) }()
	}
	made := map[job.ID]bool{}
	fresh := 0
	for range clients {
		r := <-answers
		switch r.StatusCode {
		case http.StatusAccepted:
			made[decode[api.Job](t, r).ID] = true
			if r.Header.Get("Idempotency-Replayed") == "" {
				fresh++
			}
		case http.StatusConflict:
			if p := decode[api.Problem](t, r); p.Type != "/problems/idempotency-in-progress" || r.Header.Get("Retry-After") == "" {
				t.Errorf("refused by %s", r.body)
			}
		default:
			t.Errorf("got %d %s", r.StatusCode, r.body)
		}
	}
	if len(made) != 1 || fresh != 1 {
		t.Errorf("%d jobs were made, by %d requests, want one by one", len(made), fresh)
	}
	if got := len(decode[api.JobList](t, h.get("/v1/jobs", nil)).Jobs); got != 1 {
		t.Errorf("there are %d jobs, want 1", got)
	}
}
