package store

import (
	"context"
	"fmt"
	"slices"

	"numbermill/shared/job"
)

// arrive takes a job that begins at once and has no deadline in one call, which one Redis allows: it admits it, and starts, joins or hits its
// computation, and queues its run if that can be done along with it. A job that joins or hits is read in the same call, and one that hits is never
// among its owner's open ones.
func (s *Store) arrive(ctx context.Context, r job.Request, d document, maxOpen int, queue Queuer) (made Submission, err error) {
	admitKeys, admitArgs := admission(r, d, maxOpen)
	submitArgs, err := beginArgs(d, r.Trace, modeNew)
	if err != nil {
		return Submission{}, err
	}
	var enqueues Errand
	if queue != nil {
		enqueues = queue(toStart(d, r.Trace, submitArgs))
		defer func() { enqueues.tell(made.Queued, err) }()
	}
	keys := slices.Concat([]string{ownersKey, ownerFinishedKey(d.Owner)}, admitKeys, beginKeys(d), enqueues.Keys)
	args := slices.Concat([]any{string(d.Owner), computationPrefix(d.Fingerprint.Shard()), batchPrefix(d.Owner)}, admitArgs, submitArgs, enqueues.Args)
	for range mostTries {
		reply, err := s.arriving.with(enqueues.Source).Run(ctx, s.rdb, keys, args...).Slice()
		if err != nil {
			return Submission{}, unavailable("submit job", err) // a key that was entered has its job: what it came to, its next use tells
		}
		admitted, _ := reply[0].([]any)
		entered, known, err := s.entered(ctx, r, admitted, maxOpen)
		switch {
		case err != nil || entered.replay != nil:
			return Submission{Replayed: entered.replay}, err
		case known:
			return s.arrived(ctx, r, d, reply[1:], enqueues.Source != "")
		}
	}
	return Submission{}, errKeyBusy
}

// arrived is what arrive.lua says of a job that was admitted: what submit.lua says, and what read.lua does. queues tells that it queues runs.
func (s *Store) arrived(ctx context.Context, r job.Request, d document, reply []any, queues bool) (Submission, error) {
	met, err := texts(reply[0])
	if err != nil {
		return Submission{ID: d.ID}, err
	}
	made, settled, err := s.met(ctx, d, r.Trace, modeNew, met)
	if settled && err == nil {
		made, err = s.begin(ctx, d, r.Trace, modeNew)
	}
	made.ID, made.Queued = d.ID, queues && met[0] == string(job.Miss)
	if err != nil || len(reply) == 1 {
		return made, err
	}
	fields, _ := reply[1].([]any)
	// The job is there: one that cannot be decoded now is found by whoever reads it.
	if rec, ok, err := decode(fields); err == nil && ok {
		made.Record = &rec
	}
	return made, nil
}

// texts are the strings of a script's list.
func texts(list any) ([]string, error) {
	values, _ := list.([]any)
	all := make([]string, len(values))
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("submit job: answer %v", list)
		}
		all[i] = text
	}
	if len(all) < 2 {
		return nil, fmt.Errorf("submit job: answer %v", list)
	}
	return all, nil
}
