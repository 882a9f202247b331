package store

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// CancelAll cancels those of the owner's jobs that have not ended, some hundred at a time, in three round trips. abandoned are the runs that nobody
// waits for any more, without what they compute; see Cancel. On an error some jobs may have been cancelled.
func (s *Store) CancelAll(ctx context.Context, o job.Owner, ids []job.ID) (abandoned []Run, err error) {
	found, err := s.findAll(ctx, o, ids)
	if err != nil {
		return nil, err
	}
	now := millis(time.Now())
	calls := make([]scriptCall, len(found))
	for i, j := range found {
		f := j.computation
		calls[i] = scriptCall{
			[]string{jobKey(j.id), computationKey(f), waitersKey(f), attemptsKey(f, j.run), logKey(f, j.run)},
			[]any{string(j.id), now, string(f), int(keepEnded.Seconds()), string(job.Cancelled), s.keepRun(), j.run},
		}
	}
	cmds, err := s.callAll(ctx, s.cancel, calls)
	if err != nil {
		return nil, unavailable("cancel jobs", err)
	}
	var gone []ended
	for i, cmd := range cmds {
		reply, err := cmd.StringSlice()
		if err != nil {
			return abandoned, unavailable("cancel jobs", err)
		}
		j := found[i]
		switch reply[0] {
		case "abandoned":
			abandoned = append(abandoned, Run{Fingerprint: j.computation, ID: reply[1], Queue: reply[2]})
			fallthrough
		case "left":
			gone = append(gone, ended{id: j.id, owner: o, finished: now, batch: j.batch, state: job.Cancelled})
		case "same", "moved": // few: those that were cancelled, or have begun, at this very moment
			run, err := s.Cancel(ctx, o, j.id)
			if run != nil {
				abandoned = append(abandoned, *run)
			}
			if code := job.CodeOf(err); err != nil && code != job.NotFound && code != job.NotCancellable {
				return abandoned, err
			}
		}
	}
	return abandoned, s.closeJobs(ctx, gone)
}

// foundJob is where a job stands among the keys.
type foundJob struct {
	id          job.ID
	computation job.Fingerprint
	run         string
	batch       job.BatchID
}

// findAll looks up those of the jobs that are the owner's.
func (s *Store) findAll(ctx context.Context, o job.Owner, ids []job.ID) ([]foundJob, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	pipe := s.rdb.Pipeline()
	cmds := make([]*redis.SliceCmd, len(ids))
	for i, id := range ids {
		cmds[i] = pipe.HMGet(ctx, jobKey(id), "owner", "fp", "run", "batch")
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("look up jobs", err)
	}
	found := make([]foundJob, 0, len(ids))
	for i, cmd := range cmds {
		if v := cmd.Val(); text(v[0]) == string(o) {
			found = append(found, foundJob{ids[i], job.Fingerprint(text(v[1])), text(v[2]), job.BatchID(text(v[3]))})
		}
	}
	return found, nil
}
