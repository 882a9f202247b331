package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

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
	ID             job.ID            `json:"id"`
	Owner          job.Owner         `json:"owner"`
	Spec           job.Spec          `json:"spec"`
	Fingerprint    job.Fingerprint   `json:"fingerprint"`
	Labels         map[string]string `json:"labels,omitempty"`
	MaxAttempts    int               `json:"max_attempts"`
	EstimatedCost  int64             `json:"estimated_cost"`
	Priority       job.Priority      `json:"priority,omitempty"`
	Queue          string            `json:"queue,omitempty"`
	RetryOf        job.ID            `json:"retry_of,omitempty"`
	Batch          job.BatchID       `json:"batch,omitempty"`
	TraceID        string            `json:"trace_id"`
	CreatedMillis  int64             `json:"created_ms"`
	RunAtMillis    int64             `json:"run_at_ms,omitempty"`
	DeadlineMillis int64             `json:"deadline_ms,omitempty"`
	// Trace is kept for a job that begins later.
	Trace map[string]string `json:"trace,omitempty"`
}

// Run names one start of a computation: what a worker is asked to carry out.
type Run struct {
	Fingerprint job.Fingerprint
	// ID is drawn afresh each time the computation starts anew.
	ID   string
	Spec job.Spec
	// Trace is the W3C trace context of the submission that started it.
	Trace map[string]string
	// Queue is the name of the queue that it waits in.
	Queue string
	// Job is the one that started it.
	Job job.ID
}

// Submission is what became of a request.
type Submission struct {
	ID    job.ID
	Cache job.Cache
	// Run has to be put into the queue if Cache is job.Miss; otherwise it is the one that was joined or hit, with the trace of the submission
	// that started it, if that is known.
	Run Run
	// Record is the job as it stands after a hit; nil otherwise, and if it could not be read at once.
	Record *Record
	// Scheduled tells that the job waits for its time: there is no run yet.
	Scheduled bool
	// DeadlineAt is when the job expires; zero for never.
	DeadlineAt time.Time
	// Replayed is what the same request came to before; nil for a new one.
	Replayed *Replay
}

// PoisonedError says that a computation is refused, since it has lost one worker after another. It comes with the code job.Poisoned.
type PoisonedError struct {
	// For is how much longer.
	For time.Duration
}

// Error is a sentence for people.
func (e *PoisonedError) Error() string {
	return fmt.Sprintf("This computation has cost three workers in a row their lives, and is refused for another %v.", e.For)
}

// Submit writes a job and starts, joins or hits its computation, in two round trips, or three for a hit, which reads it too. An owner
// with maxOpen jobs that have not ended is refused with job.QuotaExceeded, a computation that kills workers with job.Poisoned. A job whose
// run is then never queued is found by the reconciler. With a key it fails also as Replay does.
func (s *Store) Submit(ctx context.Context, r job.Request, maxOpen int) (Submission, error) {
	id, err := job.NewID(r.Fingerprint)
	if err != nil {
		return Submission{}, err
	}
	// The id's own time, so that whoever has the id alone tells the same.
	created, _ := id.Time()
	entered, err := s.enter(ctx, r, id, created, maxOpen)
	if err != nil || entered.replay != nil {
		return Submission{Replayed: entered.replay}, err
	}
	d := document{
		ID: id, Owner: r.Owner, Spec: r.Spec, Fingerprint: r.Fingerprint, Labels: r.Labels, MaxAttempts: r.MaxAttempts,
		EstimatedCost: r.EstimatedCost, Priority: r.Priority, Queue: r.Queue, RetryOf: r.RetryOf, Batch: r.Batch, TraceID: r.TraceID,
		CreatedMillis: millis(created), DeadlineMillis: entered.deadline,
	}
	mode := modeNew
	if !r.RunAt.IsZero() {
		d.RunAtMillis = millis(r.RunAt)
		if d.RunAtMillis > entered.now {
			mode, d.Trace = modeScheduled, r.Trace
		}
	}
	made, err := s.begin(ctx, d, r.Trace, mode)
	made.DeadlineAt = at(entered.deadline)
	if err != nil && r.Key != nil {
		err = errors.Join(err, s.FreeKey(ctx, r.Owner, *r.Key, string(id)))
	}
	return made, err
}

// The ways to begin a job; see submit.lua.
const (
	modeNew       = "new"
	modeScheduled = "scheduled"
	modeStart     = "start"
)

// Answers of submit.lua besides the ways a job meets its computation.
const (
	// unsettled: jobs of a failed run still have to be ended.
	unsettled = "unsettled"
	poisoned  = "poisoned"
	scheduled = "scheduled"
	gone      = "gone"
)

// begin writes the job's record, and starts, joins or hits its computation unless it is for later.
func (s *Store) begin(ctx context.Context, d document, trace map[string]string, mode string) (Submission, error) {
	args, err := beginArgs(d, trace, mode)
	if err != nil {
		return Submission{}, err
	}
	f := d.Fingerprint
	keys := []string{jobKey(d.ID), computationKey(f), waitersKey(f), poisonKey(f)}
	for range mostTries {
		reply, err := s.submit.Run(ctx, s.rdb, keys, args...).StringSlice()
		if err != nil {
			return Submission{}, unavailable("submit job", err)
		}
		made := Submission{ID: d.ID, Cache: job.Cache(reply[0])}
		if len(reply) >= 4 {
			made.Run = Run{Fingerprint: f, ID: reply[1], Spec: d.Spec, Trace: trace, Queue: reply[2], Job: job.ID(reply[3])}
		}
		if len(reply) == 5 {
			made.Run.Trace = nil
			_ = json.Unmarshal([]byte(reply[4]), &made.Run.Trace) // of a record from before there were traces
		}
		switch reply[0] {
		case unsettled:
			if err := s.Settle(ctx, f); err != nil {
				return Submission{}, err
			}
		case poisoned:
			return Submission{}, s.refusePoisoned(ctx, d, reply[1], mode)
		case gone:
			return Submission{}, job.Errorf(job.NotFound, "There is no job %s that waits for its time.", d.ID)
		case scheduled:
			return Submission{ID: d.ID, Scheduled: true}, nil
		case string(job.Hit):
			made.Record = s.closeAndRead(ctx, d.Owner, d.ID, args[argNow])
			return made, nil
		default:
			return made, nil
		}
	}
	return Submission{}, job.Errorf(job.Unavailable, "submit job: the jobs before it have not been ended yet")
}

// argNow is which argument of submit.lua is the time: that of the job's end, if it hits.
const argNow = 2

// beginArgs are the arguments of submit.lua.
func beginArgs(d document, trace map[string]string, mode string) ([]any, error) {
	now := max(millis(time.Now()), d.CreatedMillis) // ids drawn within one moment run ahead of the clock a little
	run, err := newRun()
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode job: %w", err)
	}
	spec, err := json.Marshal(d.Spec)
	if err != nil {
		return nil, fmt.Errorf("encode computation: %w", err)
	}
	context, err := json.Marshal(trace)
	if err != nil {
		return nil, fmt.Errorf("encode trace context: %w", err)
	}
	return []any{string(d.ID), doc, now, run, spec, d.MaxAttempts, context, string(d.Fingerprint), string(d.Owner), mode, d.Queue}, nil
}

// refusePoisoned undoes what a refused submission has left in the indexes; what is missed, the reconciler finds.
func (s *Store) refusePoisoned(ctx context.Context, d document, seconds, mode string) error {
	n, err := strconv.Atoi(seconds)
	if err != nil {
		return fmt.Errorf("submit job: refused for %q seconds: %w", seconds, err)
	}
	refused := &PoisonedError{For: time.Duration(n) * time.Second}
	if mode == modeNew {
		if err := s.Disown(ctx, d.Owner, []job.ID{d.ID}); err != nil {
			return err
		}
	}
	return job.Errorf(job.Poisoned, "%w", refused)
}

// closeAndRead takes a job that has ended at once, at a time in milliseconds, off its owner's open ones and reads it, in one round trip. An error
// is no reason to refuse a job that is there: it gives nil, and what is left to do, the reconciler finds.
func (s *Store) closeAndRead(ctx context.Context, o job.Owner, id job.ID, finished any) *Record {
	keys, prefix := []string{jobKey(id)}, computationPrefix(id.Shard())
	pipe := s.rdb.Pipeline()
	closed := s.closing.EvalSha(ctx, pipe, closingKeys(o), string(id), finished)
	read := s.read.EvalSha(ctx, pipe, keys, prefix)
	_, _ = pipe.Exec(ctx) // each tells its own error
	if isNoScript(closed.Err()) {
		s.closing.Eval(ctx, s.rdb, closingKeys(o), string(id), finished)
	}
	if isNoScript(read.Err()) {
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

// entrance is what admit.lua says of a job.
type entrance struct {
	now, deadline int64 // in milliseconds of Redis's clock
	replay        *Replay
}

// enter puts the job into its owner's indexes, where the reconciler finds it whatever happens next.
func (s *Store) enter(ctx context.Context, r job.Request, id job.ID, created time.Time, maxOpen int) (entrance, error) {
	o := r.Owner
	var key job.Key
	if r.Key != nil {
		key = *r.Key
	}
	inBatch, runAt := "0", int64(0)
	if r.Batch != "" {
		inBatch = "1"
	}
	if !r.RunAt.IsZero() {
		runAt = millis(r.RunAt)
	}
	keys := []string{
		ownerJobsKey(o), ownerOpenKey(o), ownerDeadlinesKey(o), ownerScheduledKey(o), idempotencyKey(o, key.Name),
		batchJobsKey(o, r.Batch), batchOpenKey(o, r.Batch),
	}
	args := []any{
		string(id), millis(created), firstCheck.Milliseconds(), maxOpen, r.Deadline.Milliseconds(), runAt, key.Body, int(keyTime.Seconds()), inBatch,
	}
	for range mostTries {
		reply, err := s.callEnter(ctx, o, keys, args)
		if err != nil {
			return entrance{}, err
		}
		switch kind, _ := reply[0].(int64); kind {
		case 1:
			now, _ := reply[1].(int64)
			deadline, _ := reply[2].(int64)
			return entrance{now: now, deadline: deadline}, nil
		case 0:
			open, _ := reply[1].(int64)
			return entrance{}, job.Errorf(job.QuotaExceeded, "%w", &QuotaError{Open: open, Most: int64(maxOpen), More: 1})
		}
		if replay, err := s.replay(ctx, o, key, reply[1:]); err != nil || replay != nil {
			return entrance{replay: replay}, err
		}
	}
	return entrance{}, job.Errorf(job.KeyInProgress, "Another request with this idempotency key is being answered. Try again in a moment.")
}

func (s *Store) callEnter(ctx context.Context, o job.Owner, keys []string, args []any) ([]any, error) {
	pipe := s.rdb.Pipeline()
	pipe.SAdd(ctx, ownersKey, string(o))
	admitted := s.admit.EvalSha(ctx, pipe, keys, args...)
	_, err := pipe.Exec(ctx)
	if isNoScript(err) {
		admitted = s.admit.Eval(ctx, s.rdb, keys, args...)
		err = admitted.Err()
	}
	if err != nil {
		return nil, unavailable("admit job", err)
	}
	return admitted.Slice()
}

// QuotaError says that an owner has too many jobs that have not ended. It comes with the code job.QuotaExceeded.
type QuotaError struct {
	// Open jobs there are, Most there may be, and More were to come.
	Open, Most, More int64
}

// Error is a sentence for people.
func (e *QuotaError) Error() string {
	if e.More == 1 {
		return fmt.Sprintf("You have %d jobs that have not ended, which is the most. Wait until some have, or cancel some.", e.Open)
	}
	return fmt.Sprintf("You have %d jobs that have not ended; %d more would pass the most, %d. Wait until some have ended, or send a smaller batch.", e.Open, e.More, e.Most)
}

// forgetOpen takes jobs that are no more out of their owner's lists of open ones.
func forgetOpen(ctx context.Context, pipe redis.Pipeliner, o job.Owner, ids ...any) {
	pipe.ZRem(ctx, ownerOpenKey(o), ids...)
	pipe.ZRem(ctx, ownerDeadlinesKey(o), ids...)
	pipe.ZRem(ctx, ownerScheduledKey(o), ids...)
}

func newRun() (string, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("draw run id: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}
