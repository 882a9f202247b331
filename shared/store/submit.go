package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"numbermill/shared/job"
)

const (
	// firstCheck is how long after its submission the reconciler first looks at a job that is still open.
	firstCheck = 5 * time.Second
	// mostTries bounds how often a submission waits for jobs of a failed run to be ended first.
	mostTries = 10
)

// document is the part of a job's record that never changes, written once.
type document struct {
	ID            job.ID            `json:"id"`
	Owner         job.Owner         `json:"owner"`
	Spec          job.Spec          `json:"spec"`
	Fingerprint   job.Fingerprint   `json:"fingerprint"`
	Labels        map[string]string `json:"labels,omitempty"`
	MaxAttempts   int               `json:"max_attempts"`
	EstimatedCost int64             `json:"estimated_cost"`
	TraceID       string            `json:"trace_id"`
	CreatedMillis int64             `json:"created_ms"`
}

// Run names one start of a computation: what a worker is asked to carry out.
type Run struct {
	Fingerprint job.Fingerprint
	// ID is drawn afresh each time the computation starts anew.
	ID   string
	Spec job.Spec
	// Trace is the W3C trace context of the submission that started it.
	Trace map[string]string
	// Queue is the name of the queue that its task stands in.
	Queue string
	// Job is who started it, for a link in the web monitor.
	Job job.ID
}

// Submission is what became of a request.
type Submission struct {
	ID    job.ID
	Cache job.Cache
	// Run has to be put into the queue if Cache is job.Miss.
	Run Run
	// Record is the job as it stands after a hit; nil otherwise, and if it could not be read at once.
	Record *Record
}

// Submit writes a job and starts, joins or hits its computation, in two round trips, or three for a hit, which reads it too. An owner
// with maxOpen jobs that have not ended is refused with job.QuotaExceeded. A job whose run is then never queued is found by the
// reconciler.
func (s *Store) Submit(ctx context.Context, r job.Request, maxOpen int) (Submission, error) {
	id, err := job.NewID(r.Fingerprint)
	if err != nil {
		return Submission{}, err
	}
	// The id's own time, so that whoever has the id alone tells the same.
	created, _ := id.Time()
	args, err := submitArgs(r, id, created)
	if err != nil {
		return Submission{}, err
	}
	if err := s.enter(ctx, r.Owner, id, created, maxOpen); err != nil {
		return Submission{}, err
	}
	f := r.Fingerprint
	for range mostTries {
		reply, err := s.submit.Run(ctx, s.rdb, []string{jobKey(id), computationKey(f), waitersKey(f)}, args...).StringSlice()
		if err != nil {
			return Submission{}, unavailable("submit job", err)
		}
		switch how := job.Cache(reply[0]); how {
		case unsettled:
			if err := s.Settle(ctx, f); err != nil {
				return Submission{}, err
			}
		case job.Hit:
			return Submission{ID: id, Cache: how, Run: Run{Fingerprint: f, ID: reply[1], Spec: r.Spec, Trace: r.Trace}, Record: s.closeAndRead(ctx, r.Owner, id)}, nil
		default:
			return Submission{ID: id, Cache: how, Run: Run{Fingerprint: f, ID: reply[1], Spec: r.Spec, Trace: r.Trace}}, nil
		}
	}
	return Submission{}, job.Errorf(job.Unavailable, "submit job: the jobs before it have not been ended yet")
}

// closeAndRead takes a job that has ended at once off its owner's open ones and reads it, in one round trip. An error is no reason to
// refuse a job that is there: it gives nil, and what is left to do, the reconciler finds.
func (s *Store) closeAndRead(ctx context.Context, o job.Owner, id job.ID) *Record {
	keys, prefix := []string{jobKey(id)}, computationPrefix(id.Shard())
	pipe := s.rdb.Pipeline()
	pipe.ZRem(ctx, ownerOpenKey(o), string(id))
	read := s.read.EvalSha(ctx, pipe, keys, prefix)
	if _, err := pipe.Exec(ctx); isNoScript(err) {
		read = s.read.Eval(ctx, s.rdb, keys, prefix)
	}
	reply, err := read.Slice()
	if err != nil {
		return nil
	}
	rec, ok, err := decode(reply)
	if err != nil || !ok {
		return nil
	}
	return &rec
}

// unsettled is submit.lua's answer while jobs of a failed run still have to be ended.
const unsettled job.Cache = "unsettled"

// submitArgs are the arguments of submit.lua.
func submitArgs(r job.Request, id job.ID, created time.Time) ([]any, error) {
	now := time.Now()
	if now.Before(created) { // ids drawn within one moment run ahead of the clock a little
		now = created
	}
	run, err := newRun()
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(document{id, r.Owner, r.Spec, r.Fingerprint, r.Labels, r.MaxAttempts, r.EstimatedCost, r.TraceID, millis(created)})
	if err != nil {
		return nil, fmt.Errorf("encode job: %w", err)
	}
	spec, err := json.Marshal(r.Spec)
	if err != nil {
		return nil, fmt.Errorf("encode computation: %w", err)
	}
	trace, err := json.Marshal(r.Trace)
	if err != nil {
		return nil, fmt.Errorf("encode trace context: %w", err)
	}
	return []any{string(id), doc, millis(now), run, spec, r.MaxAttempts, trace, string(r.Fingerprint), string(r.Owner)}, nil
}

// enter puts the job into its owner's index, where the reconciler finds it whatever happens next.
func (s *Store) enter(ctx context.Context, o job.Owner, id job.ID, created time.Time, maxOpen int) error {
	keys := []string{ownerJobsKey(o), ownerOpenKey(o)}
	args := []any{string(id), millis(created), firstCheck.Milliseconds(), maxOpen}
	pipe := s.rdb.Pipeline()
	pipe.SAdd(ctx, ownersKey, string(o))
	admitted := s.admit.EvalSha(ctx, pipe, keys, args...)
	_, err := pipe.Exec(ctx)
	if isNoScript(err) {
		admitted = s.admit.Eval(ctx, s.rdb, keys, args...)
		err = admitted.Err()
	}
	if err != nil {
		return unavailable("admit job", err)
	}
	if n, err := admitted.Int(); err != nil || n == 1 {
		return unavailable("admit job", err)
	}
	return job.Errorf(job.QuotaExceeded, "You have %d jobs that have not ended, which is the most. Wait until some have, or cancel some.", maxOpen)
}

func newRun() (string, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("draw run id: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}
