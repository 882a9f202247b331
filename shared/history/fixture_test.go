package history_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"numbermill/shared/elastictest"
	"numbermill/shared/history"
	"numbermill/shared/job"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(elastictest.Ending{M: m})
}

// fixture is a history of its own on a real Elasticsearch, with the mapping that setup puts there.
type fixture struct {
	*history.History
	t     *testing.T
	node  *elastictest.Node
	index string
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	x := bare(t)
	x.node.Apply(os.DirFS("../../infra/elasticsearch"))
	x.node.Call(http.MethodPut, "/"+x.index, nil)
	return x
}

// bare is a fixture without an index.
func bare(t *testing.T) *fixture {
	t.Helper()
	node := elastictest.Start(t)
	x := &fixture{t: t, node: node, index: history.DefaultIndex + "-" + elastictest.Name()}
	x.History = x.open(history.Config{URL: node.URL(), Index: x.index})
	t.Cleanup(func() { node.Ask(http.MethodDelete, "/"+x.index, nil) })
	return x
}

func (x *fixture) open(c history.Config) *history.History {
	x.t.Helper()
	h, err := history.Open(c)
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(h.Close)
	return h
}

// write enters jobs, all of which must be taken.
func (x *fixture) write(jobs ...job.Job) {
	x.t.Helper()
	w, err := x.Write(context.Background(), jobs, true)
	if err != nil || len(w.Done) != len(jobs) || len(w.Refused) > 0 {
		x.t.Fatalf("write %d jobs: %d done, refused %v, %v", len(jobs), len(w.Done), w.Refused, err)
	}
}

// source is a document as it stands in Elasticsearch.
func (x *fixture) source(id job.ID) map[string]any {
	x.t.Helper()
	var answer struct {
		Source map[string]any `json:"_source"` //nolint:tagliatelle // Elasticsearch's name
	}
	if err := json.Unmarshal(x.node.Call(http.MethodGet, "/"+x.index+"/_doc/"+string(id), nil), &answer); err != nil {
		x.t.Fatal(err)
	}
	return answer.Source
}

func fp(n int) job.Fingerprint { return job.Fingerprint(fmt.Sprintf("%03x%037x", n%7, n)) }

var ends = []job.State{job.Succeeded, job.Succeeded, job.Failed, job.Cancelled, job.Expired}

// pick is one of several, drawn at random.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// some is a finished job that was drawn at random. A few of them share their millisecond.
func some(t *testing.T, r *rand.Rand, start time.Time) job.Job {
	t.Helper()
	created := start.Add(time.Duration(r.IntN(200)) * time.Millisecond)
	j := job.Job{
		ID: idAt(t, r, created), Owner: pick(r, []job.Owner{job.LocalOwner, job.LocalOwner, "somebody"}), Fingerprint: fp(r.IntN(1000)),
		Spec: job.Spec{
			Function: pick(r, []string{"fibonacci", "factorial"}), Method: pick(r, []string{"fast", "facts"}),
			Args: map[string]string{"n": strconv.FormatUint(r.Uint64(), 10)},
		},
		Labels: map[string]string{}, MaxAttempts: 3, EstimatedCost: int64(r.IntN(100_000)),
		Priority: pick(r, []job.Priority{"", job.High, job.Low}), Queue: "small", TraceID: fmt.Sprintf("%032x", r.Uint64()),
		CreatedAt: created, State: pick(r, ends), Cache: pick(r, []job.Cache{job.Miss, job.Joined, job.Hit}),
		Version: r.Int64(), Attempt: int64(1 + r.IntN(3)),
		StartedAt:  created.Add(time.Duration(r.IntN(1000)) * time.Millisecond),
		FinishedAt: created.Add(time.Duration(1000+r.IntN(1000)) * time.Millisecond),
	}
	for _, name := range []string{"run", "with.dots", "with-dash", "Run"} {
		if r.IntN(2) == 0 {
			j.Labels[name] = pick(r, []string{"a", "b", "", "ä ✓ \"*", "a:b"})
		}
	}
	if r.IntN(3) == 0 {
		j.Batch = someBatch
	}
	switch j.State {
	case job.Succeeded:
		j.Result = &job.Result{
			MediaType: job.DigitsType, Bytes: 3, Digits: 3, Leading: "144", Trailing: "144", SHA256: fmt.Sprintf("%064x", r.Uint64()),
			Timing: job.Timing{Queue: 1.5, Compute: 2.25, Write: 0.125}, CPUMillis: 7,
			Verification: job.Verification{Method: job.ByResidue, Moduli: []uint64{1<<61 - 1}, Residues: []uint64{1<<60 + 1}},
		}
	case job.Failed:
		j.Failure = &job.Failure{Code: "internal", Detail: "It did not work."}
	case job.Cancelled:
		j.StartedAt, j.Attempt = time.Time{}, 0
	default:
	}
	return j
}

const someBatch = job.BatchID("batch_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b")

// idAt is an id like that of a job made at a time.
func idAt(t *testing.T, r *rand.Rand, at time.Time) job.ID {
	t.Helper()
	ms := at.UnixMilli()
	id, ok := job.ParseID(fmt.Sprintf("job_%08x-%04x-7%03x-9%03x-%012x", ms>>16, ms&0xffff, r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48)))
	if !ok {
		t.Fatal("the id is none")
	}
	return id
}

// chance is a source of randomness whose seed is told.
func chance(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
