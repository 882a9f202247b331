package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/plainjson"
)

func isNoScript(err error) bool { return redis.HasErrorPrefix(err, "NOSCRIPT") }

// Record is a job with what only the machinery needs to know.
type Record struct {
	job.Job
	// Run is the run that the job waits for, or ended with.
	Run string
	// ComputationRun and ComputationState are where the computation stands; its run may be a later one.
	ComputationRun   string
	ComputationState job.ComputationState
	// Worker holds the computation's running attempt; empty if none does.
	Worker string
	// Settled tells whether the end of the job stands in its own record.
	Settled bool
	// WaitsIn is the queue that the computation was put into; empty where that is not known any more.
	WaitsIn string
	// LogLines is how many log lines the job's run has had so far.
	LogLines int64
	// Archived tells that the record comes from the history: there are no digits behind it any more. Nothing that this package reads is.
	Archived bool
	// Base is how often the computation had changed when the job came to it: the job's version counts from there.
	Base int64
	// Reports counts progress reports; it tells apart answers of one version. It is 0 once the job has ended.
	Reports int64
}

// Get reads a job. It fails with job.NotFound if there is none, or if it is somebody else's.
func (s *Store) Get(ctx context.Context, o job.Owner, id job.ID) (Record, error) {
	reply, err := s.read.Run(ctx, s.rdb, []string{jobKey(id)}, computationPrefix(id.Shard())).Slice()
	if err != nil {
		return Record{}, unavailable("read job", err)
	}
	r, ok, err := decode(reply)
	if err != nil {
		return Record{}, fmt.Errorf("read job %s: %w", id, err)
	}
	if !ok || r.Owner != o {
		return Record{}, job.Errorf(job.NotFound, "There is no job %s.", id)
	}
	return r, nil
}

// GetAll reads jobs in one round trip, whoever owns them; one that does not exist is absent from the answer.
func (s *Store) GetAll(ctx context.Context, ids []job.ID) (map[job.ID]Record, error) {
	replies, err := s.readAll(ctx, ids)
	if isNoScript(err) {
		if err = s.read.Load(ctx, s.rdb).Err(); err == nil {
			replies, err = s.readAll(ctx, ids)
		}
	}
	if err != nil {
		return nil, unavailable("read jobs", err)
	}
	records := make(map[job.ID]Record, len(ids))
	for i, reply := range replies {
		r, ok, err := decode(reply)
		if err != nil {
			return nil, fmt.Errorf("read job %s: %w", ids[i], err)
		}
		if ok {
			records[ids[i]] = r
		}
	}
	return records, nil
}

func (s *Store) readAll(ctx context.Context, ids []job.ID) ([][]any, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	pipe := s.rdb.Pipeline()
	cmds := make([]*redis.Cmd, len(ids))
	for i, id := range ids {
		cmds[i] = s.read.EvalSha(ctx, pipe, []string{jobKey(id)}, computationPrefix(id.Shard()))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	replies := make([][]any, len(ids))
	for i, c := range cmds {
		var err error
		if replies[i], err = c.Slice(); err != nil {
			return nil, err
		}
	}
	return replies, nil
}

// fields reads a script's list of strings in order; the first number that does not parse is kept as err.
type fields struct {
	values []any
	next   int
	err    error
}

func (f *fields) text() string {
	if f.next >= len(f.values) {
		f.err = fmt.Errorf("reply has %d fields only", len(f.values))
		return ""
	}
	s, _ := f.values[f.next].(string)
	f.next++
	return s
}

func (f *fields) number() int64 {
	s := f.text()
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && f.err == nil {
		f.err = err
	}
	return n
}

// into decodes JSON into a new T, or gives nil for an empty field.
func into[T any](f *fields) *T { return intoBy[T](f, nil) }

// intoBy is into of what is likely to be plain; see parse.
func intoBy[T any](f *fields, plain func(*plainjson.Reader) T) *T {
	s := f.text()
	if s == "" {
		return nil
	}
	v, err := parse(s, plain)
	if err != nil && f.err == nil {
		f.err = err
	}
	return v
}

// decode makes a record of read.lua's reply; ok is false if there is no such job.
func decode(reply []any) (r Record, ok bool, err error) {
	if len(reply) != 2 {
		return Record{}, false, nil
	}
	jobFields, _ := reply[0].([]any)
	compFields, _ := reply[1].([]any)
	j, c := &fields{values: jobFields}, &fields{values: compFields}
	doc := intoBy(j, plainDocument)
	if doc == nil {
		return Record{}, false, errors.New("the record has no document")
	}
	r = fromDocument(*doc)
	own := readOwn(&r, j)
	derive(&r, own, readComputation(&r, c))
	if j.err != nil {
		return Record{}, false, j.err
	}
	return r, true, c.err
}

func fromDocument(d document) Record {
	return Record{Job: job.Job{
		ID: d.ID, Owner: d.Owner, Spec: d.Spec, Fingerprint: d.Fingerprint, Labels: d.Labels, MaxAttempts: d.MaxAttempts,
		EstimatedCost: d.EstimatedCost, Priority: d.Priority, Queue: d.Queue, RetryOf: d.RetryOf, Batch: d.Batch, TraceID: d.TraceID,
		CreatedAt: at(d.CreatedMillis), RunAt: at(d.RunAtMillis), Deadline: at(d.DeadlineMillis),
	}}
}
