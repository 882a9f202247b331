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
	"numbermill/shared/plainjson"
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

	// FirstQueued is when it was queued, if a worker is told of it and none was before; zero otherwise, and if that is not known.
	FirstQueued time.Time
	// Ends makes what ends its delivery to a worker, where that can be done along with the publication of its result; nil where it cannot. The summary
	// is of what has come of it, for the web monitor.
	Ends func(summary string) Errand
}

// Queuer is asked for what puts a run into its queue; an Errand without a source means that it has to be queued afterwards.
type Queuer func(Run) Errand

// Submission is what became of a request.
type Submission struct {
	ID    job.ID
	Cache job.Cache
	// Run has to be put into the queue if Cache is job.Miss, unless Queued; otherwise it is the one that was joined or hit, with the trace of the submission
	// that started it, if that is known.
	Run Run
	// Queued tells that the run was put into the queue already, by the errand that came along.
	Queued bool
	// Record is the job as it stands after a hit; nil otherwise, and if it could not be read at once.
	Record *Record
	// Scheduled tells that the job waits for its time: there is no run yet.
	Scheduled bool
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
	return s.SubmitAndQueue(ctx, r, maxOpen, nil)
}

// SubmitAndQueue is Submit, and queues a run that begins at once in the same round trip where that can be done; Submission.Queued tells. queue may be
// nil.
func (s *Store) SubmitAndQueue(ctx context.Context, r job.Request, maxOpen int, queue Queuer) (Submission, error) {
	id, err := job.NewID(r.Fingerprint)
	if err != nil {
		return Submission{}, err
	}
	// The id's own time, so that whoever has the id alone tells the same.
	created, _ := id.Time()
	d := documentOf(id, r, created)
	var made Submission
	if s.oneCall && r.Deadline == 0 && r.RunAt.IsZero() {
		made, err = s.arrive(ctx, r, d, maxOpen, queue)
	} else {
		made, err = s.enterAndBegin(ctx, r, d, maxOpen)
	}
	if err != nil && r.Key != nil && made.ID != "" {
		err = errors.Join(err, s.FreeKey(ctx, r.Owner, *r.Key, string(id)))
	}
	return made, err
}

// enterAndBegin takes a job in two calls, one for each slot. The first tells the time by Redis's clock, which its deadline and its time to begin
// go by.
func (s *Store) enterAndBegin(ctx context.Context, r job.Request, d document, maxOpen int) (Submission, error) {
	entered, err := s.enter(ctx, r, d, maxOpen)
	if err != nil || entered.replay != nil {
		return Submission{Replayed: entered.replay}, err
	}
	d.DeadlineMillis = entered.deadline
	mode := modeNew
	if !r.RunAt.IsZero() {
		d.RunAtMillis = millis(r.RunAt)
		if d.RunAtMillis > entered.now {
			mode, d.Trace = modeScheduled, r.Trace
		}
	}
	made, err := s.begin(ctx, d, r.Trace, mode)
	made.ID = d.ID
	return made, err
}

// documentOf is the document of a job without its times to begin and to expire.
func documentOf(id job.ID, r job.Request, created time.Time) document {
	return document{
		ID: id, Owner: r.Owner, Spec: r.Spec, Fingerprint: r.Fingerprint, Labels: r.Labels, MaxAttempts: r.MaxAttempts,
		EstimatedCost: r.EstimatedCost, Priority: r.Priority, Queue: r.Queue, RetryOf: r.RetryOf, Batch: r.Batch, TraceID: r.TraceID,
		CreatedMillis: millis(created),
	}
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
	for range mostTries {
		reply, err := s.submit.Run(ctx, s.rdb, beginKeys(d), args...).StringSlice()
		if err != nil {
			return Submission{}, unavailable("submit job", err)
		}
		made, settled, err := s.met(ctx, d, trace, mode, reply)
		if err != nil {
			return Submission{}, err
		}
		if settled {
			continue
		}
		if made.Cache == job.Hit {
			made.Record = s.closeAndRead(ctx, hitOf(d, args))
		}
		return made, nil
	}
	return Submission{}, errUnsettled
}

// errUnsettled says that a submission has waited too often for the end of others.
var errUnsettled = job.Errorf(job.Unavailable, "submit job: the jobs before it have not been ended yet")

// met is what submit.lua says of a job. settled tells that jobs of a failed run had to be ended first, which is done: it is to be asked again.
func (s *Store) met(ctx context.Context, d document, trace map[string]string, mode string, reply []string) (made Submission, settled bool, err error) {
	f := d.Fingerprint
	switch reply[0] {
	case unsettled:
		return made, true, s.Settle(ctx, f)
	case poisoned:
		return made, false, s.refusePoisoned(ctx, d, reply[1], mode)
	case gone:
		return made, false, job.Errorf(job.NotFound, "There is no job %s that waits for its time.", d.ID)
	case scheduled:
		rec := fromDocument(d)
		derive(&rec, own{state: string(job.Scheduled), version: 1}, computation{})
		return Submission{ID: d.ID, Scheduled: true, Record: &rec}, false, nil
	}
	made = Submission{ID: d.ID, Cache: job.Cache(reply[0])}
	made.Run = Run{Fingerprint: f, ID: reply[1], Spec: d.Spec, Trace: trace, Queue: reply[2], Job: job.ID(reply[3])}
	if made.Cache != job.Miss {
		made.Run.Trace = nil
		_ = json.Unmarshal([]byte(reply[4]), &made.Run.Trace) // of a record from before there were traces
		return made, false, nil
	}
	base, err := strconv.ParseInt(reply[5], 10, 64)
	if err != nil {
		return made, false, fmt.Errorf("submit job: begun at %q: %w", reply[5], err)
	}
	made.Record = begun(d, made.Run, base)
	return made, false, nil
}

// begun is the record of a job that has just started its computation.
func begun(d document, r Run, base int64) *Record {
	rec := fromDocument(d)
	rec.Run, rec.ComputationRun, rec.ComputationState, rec.WaitsIn, rec.Cache = r.ID, r.ID, job.ComputationQueued, r.Queue, job.Miss
	derive(&rec, own{state: "active", base: base}, computation{rev: base})
	return &rec
}

func beginKeys(d document) []string {
	f := d.Fingerprint
	return []string{jobKey(d.ID), computationKey(f), waitersKey(f), poisonKey(f)}
}

// argNow is which argument of submit.lua is the time, that of the job's end if it hits; argRun is the id of the run that it may start.
const (
	argNow = 2
	argRun = 3
)

// toStart is the run that submit.lua starts with these arguments, if it starts one.
func toStart(d document, trace map[string]string, args []any) Run {
	id, _ := args[argRun].(string)
	return Run{Fingerprint: d.Fingerprint, ID: id, Spec: d.Spec, Trace: trace, Queue: d.Queue, Job: d.ID}
}

// beginArgs are the arguments of submit.lua.
func beginArgs(d document, trace map[string]string, mode string) ([]any, error) {
	now := max(millis(time.Now()), d.CreatedMillis) // ids drawn within one moment run ahead of the clock a little
	run, err := newRun()
	if err != nil {
		return nil, err
	}
	doc, spec, context := appendDocument(make([]byte, 0, usualText), d), appendSpec(nil, d.Spec), plainjson.AppendMap(nil, trace)
	return []any{string(d.ID), doc, now, run, spec, d.MaxAttempts, context, string(d.Fingerprint), string(d.Owner), mode, d.Queue, string(d.Batch)}, nil
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

// hitOf is a job that has ended at once, by the arguments that submit.lua was called with.
func hitOf(d document, args []any) ended {
	now, _ := args[argNow].(int64)
	return ended{id: d.ID, owner: d.Owner, finished: now, batch: d.Batch, state: job.Succeeded}
}

// closeAndRead takes a job that has ended at once off its owner's open ones and reads it, in one round trip. An error is no reason to refuse a job
// that is there: it gives nil, and what is left to do, the reconciler finds.
func (s *Store) closeAndRead(ctx context.Context, j ended) *Record {
	id, closes := j.id, closingArgs(j.owner, []ended{j})
	keys, prefix := []string{jobKey(id)}, computationPrefix(id.Shard())
	pipe := s.rdb.Pipeline()
	closed := s.closing.EvalSha(ctx, pipe, closingKeys(j.owner), closes...)
	read := s.read.EvalSha(ctx, pipe, keys, prefix)
	_, _ = pipe.Exec(ctx) // each tells its own error
	if isNoScript(closed.Err()) {
		s.closing.Eval(ctx, s.rdb, closingKeys(j.owner), closes...)
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
