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
}

// Submission is what became of a request.
type Submission struct {
	ID    job.ID
	Cache job.Cache
	// Run has to be put into the queue if Cache is job.Miss.
	Run Run
}

// Submit writes a job and starts, joins or hits its computation, in two round trips, or three for a hit. An owner with maxOpen jobs
// that have not ended is refused with job.QuotaExceeded. A job whose run is then never queued is found by the reconciler.
func (s *Store) Submit(ctx context.Context, r job.Request, maxOpen int) (Submission, error) {
	id, err := job.NewID(r.Fingerprint)
	if err != nil {
		return Submission{}, err
	}
	now := time.Now()
	args, err := submitArgs(r, id, now)
	if err != nil {
		return Submission{}, err
	}
	if err := s.enter(ctx, r.Owner, id, now, maxOpen); err != nil {
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
			// An error leaves the ended job among the open ones, where the reconciler finds it.
			_ = s.closeJobs(ctx, []any{string(id), string(r.Owner)})
			fallthrough
		default:
			return Submission{ID: id, Cache: how, Run: Run{f, reply[1], r.Spec, r.Trace}}, nil
		}
	}
	return Submission{}, job.Errorf(job.Unavailable, "submit job: the jobs before it have not been ended yet")
}

// unsettled is submit.lua's answer while jobs of a failed run still have to be ended.
const unsettled job.Cache = "unsettled"

// submitArgs are the arguments of submit.lua.
func submitArgs(r job.Request, id job.ID, now time.Time) ([]any, error) {
	run, err := newRun()
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(document{id, r.Owner, r.Spec, r.Fingerprint, r.Labels, r.MaxAttempts, r.EstimatedCost, r.TraceID, millis(now)})
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
func (s *Store) enter(ctx context.Context, o job.Owner, id job.ID, now time.Time, maxOpen int) error {
	keys := []string{ownerJobsKey(o), ownerOpenKey(o)}
	args := []any{string(id), millis(now), firstCheck.Milliseconds(), maxOpen}
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
