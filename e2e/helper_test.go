package e2e_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/bits"
	"net/http"
	"strings"
	"testing"
	"time"

	"numbermill/api"
	"numbermill/api/client"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// within returns a context for one step of a test.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// asks is a request for a computation, such as asks("ackermann", "m=2 n=3") or asks("fibonacci/recursive", "n=50"), which takes a minute.
func asks(function, args string) api.JobRequest {
	request := api.JobRequest{Args: map[string]string{}}
	request.Function, request.Method, _ = strings.Cut(function, "/")
	for arg := range strings.FieldsSeq(args) {
		name, value, _ := strings.Cut(arg, "=")
		request.Args[name] = value
	}
	return request
}

// submit submits a computation that has to be taken.
func submit(t *testing.T, c *platformtest.Client, function, args string) api.Job {
	t.Helper()
	a, err := c.Submit(within(t, platformtest.Patience), asks(function, args), 0)
	if err != nil {
		t.Fatalf("submit %s %s: %v", function, args, err)
	}
	return a.Job
}

// post is submit in plain HTTP, for a look at the answer.
func post(t *testing.T, c *platformtest.Client, function, args string, headers ...string) (j api.Job, r platformtest.Reply) {
	t.Helper()
	body, err := json.Marshal(asks(function, args))
	if err != nil {
		t.Fatal(err)
	}
	r = request(t, c, http.MethodPost, jobs, string(body), headers...)
	if r.Status != http.StatusOK && r.Status != http.StatusAccepted {
		t.Fatalf("submit: %s", r)
	}
	if err := r.Decode(&j); err != nil {
		t.Fatal(err)
	}
	return j, r
}

// await waits until a job has ended the way it should.
func await(t *testing.T, c *platformtest.Client, id job.ID, want job.State, timeout time.Duration) api.Job {
	t.Helper()
	j, err := c.Wait(within(t, timeout), id)
	if err != nil {
		last, lastErr := c.Get(within(t, platformtest.Patience), id, client.GetOptions{})
		t.Fatalf("wait %v for %s: %v; it is %s in attempt %d (%v)", timeout, id, err, last.State, last.Attempt, lastErr)
	}
	if j.State != want {
		t.Fatalf("%s is %s, want %s; its error is %+v", id, j.State, want, j.Error)
	}
	return j
}

// follow long-polls a job until it is as enough wants it.
func follow(t *testing.T, c *platformtest.Client, id job.ID, what string, enough func(api.Job) bool) api.Job {
	t.Helper()
	ctx := within(t, platformtest.Patience)
	var seen client.Answer
	var until client.GetOptions // at once the first time, then when it has changed
	for {
		a, err := c.Get(ctx, id, until)
		switch {
		case errors.Is(err, client.ErrNotModified):
			continue
		case err != nil:
			t.Fatalf("follow %s until it %s: %v; it was %s in attempt %d", id, what, err, seen.State, seen.Attempt)
		case enough(a.Job):
			return a.Job
		case a.State.Terminal():
			t.Fatalf("%s ended as %s before it %s", id, a.State, what)
		}
		seen, until = a, client.GetOptions{Wait: client.LongestWait, ETag: a.ETag}
	}
}

// digits downloads a result whole.
func digits(t *testing.T, c *platformtest.Client, id job.ID) []byte {
	t.Helper()
	body, err := c.Result(within(t, platformtest.Patience), id, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// request makes any request that gets an answer.
func request(t *testing.T, c *platformtest.Client, method, path, body string, headers ...string) platformtest.Reply {
	t.Helper()
	r, err := c.Do(within(t, platformtest.Patience+time.Minute), method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// startedFor matches the log line with which a worker begins an attempt for the job.
func startedFor(j api.Job) func(platformtest.Line) bool {
	return func(l platformtest.Line) bool {
		return l.Message() == "attempt started" && l.Text("trace.id") == j.TraceID
	}
}

// says matches the log lines with a message.
func says(message string) func(platformtest.Line) bool {
	return func(l platformtest.Line) bool { return l.Message() == message }
}

// prime is 2^61 − 1.
const prime = 1<<61 - 1

// residue returns the number that is written in digits, modulo prime.
func residue(digits []byte) uint64 {
	var r uint64
	for _, d := range digits {
		r = (mulmod(r, 10) + uint64(d-'0')) % prime
	}
	return r
}

// factorialResidue returns n! modulo prime, by the definition.
func factorialResidue(n uint64) uint64 {
	r := uint64(1)
	for i := uint64(2); i <= n; i++ {
		r = mulmod(r, i)
	}
	return r
}

// fibonacciResidue returns F(n) modulo prime, by the definition.
func fibonacciResidue(n uint64) uint64 {
	f, g := uint64(0), uint64(1)
	for range n {
		f, g = g, (f+g)%prime
	}
	return f
}

func mulmod(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	_, r := bits.Div64(hi, lo, prime)
	return r
}
