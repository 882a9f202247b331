package e2e_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
	"testing"
	"time"

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

// submit submits a computation that has to be taken.
func submit(t *testing.T, c *platformtest.Client, function, args string, headers ...string) platformtest.Job {
	t.Helper()
	j, err := c.Submit(within(t, platformtest.Patience), function, args, headers...)
	if err != nil {
		t.Fatalf("submit %s %s: %v", function, args, err)
	}
	return j
}

// await waits until a job has ended the way it should.
func await(t *testing.T, c *platformtest.Client, id job.ID, want job.State, timeout time.Duration) platformtest.Job {
	t.Helper()
	j, err := c.Await(within(t, timeout), id)
	if err != nil {
		t.Fatalf("within %v: %v", timeout, err)
	}
	if j.State != want {
		t.Fatalf("the job is %s, want %s: %s", j.State, want, j.Reply)
	}
	return j
}

// follow long-polls a job until it is as enough wants it.
func follow(t *testing.T, c *platformtest.Client, id job.ID, what string, enough func(platformtest.Job) bool) platformtest.Job {
	t.Helper()
	ctx := within(t, platformtest.Patience)
	var headers []string
	for {
		j, err := c.Get(ctx, id, headers...)
		switch {
		case err != nil:
			t.Fatalf("follow %s until it %s: %v", id, what, err)
		case enough(j):
			return j
		case j.State.Terminal():
			t.Fatalf("%s ended as %s before it %s", id, j.State, what)
		}
		headers = []string{"Prefer", "wait=30", "If-None-Match", j.Reply.Header.Get("ETag")}
	}
}

// digits downloads a result whole.
func digits(t *testing.T, c *platformtest.Client, id job.ID) platformtest.Reply {
	t.Helper()
	r, err := c.Digits(within(t, platformtest.Patience), id)
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != 200 {
		t.Fatalf("download: %s", r)
	}
	return r
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
func startedFor(j platformtest.Job) func(platformtest.Line) bool {
	return func(l platformtest.Line) bool {
		return l.Message() == "attempt started" && l.Text("trace_id") == j.TraceID
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
