package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
)

// only is what stands with a computation whose run was done by its first attempt, of which nothing was told before.
type only struct {
	attempt job.AttemptRecord // without a worker if there is none
	lines   int64
	log     string // of all lines, as JSON
}

// askOnly asks for it.
func askOnly(ctx context.Context, pipe redis.Pipeliner, r Record) *redis.SliceCmd {
	return pipe.HMGet(ctx, computationKey(r.Fingerprint), "run", "only", "attempt", "started_ms", "finished_ms", "lines", "log")
}

// readOnly reads what was asked for. There is nothing if the run was not done so, or another has begun.
func readOnly(reply *redis.SliceCmd, r Record) (o only, err error) {
	f := &fields{values: reply.Val()}
	run, worker := f.text(), f.text()
	if run != r.Run || worker == "" {
		return only{}, f.err
	}
	o.attempt = job.AttemptRecord{
		Number: f.number(), Worker: worker, State: job.AttemptSucceeded, StartedMillis: f.number(), EndedMillis: f.number(),
	}
	o.lines, o.log = f.number(), f.text()
	return o, f.err
}

// Attempts are the last hundred attempts of the job's run, oldest first.
func (s *Store) Attempts(ctx context.Context, r Record) ([]job.AttemptRecord, error) {
	if r.Run == "" {
		return nil, nil
	}
	pipe := s.rdb.Pipeline()
	asked := askOnly(ctx, pipe, r)
	all := pipe.HGetAll(ctx, attemptsKey(r.Fingerprint, r.Run))
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("read attempts", err)
	}
	o, err := readOnly(asked, r)
	if err == nil && o.attempt.Worker != "" {
		return []job.AttemptRecord{o.attempt}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read attempts of %s: %w", r.ID, err)
	}
	return readAttempts(all.Val(), r.ID)
}

// readAttempts reads a job's timeline.
func readAttempts(all map[string]string, id job.ID) ([]job.AttemptRecord, error) {
	byNumber := map[int64]*job.AttemptRecord{}
	for field, value := range all {
		text, name, ok := strings.Cut(field, ":")
		if !ok {
			continue // the number of lines
		}
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read attempts of %s: %w", id, err)
		}
		if byNumber[number] == nil {
			byNumber[number] = &job.AttemptRecord{Number: number}
		}
		if err := setField(byNumber[number], name, value); err != nil {
			return nil, fmt.Errorf("read attempts of %s: %w", id, err)
		}
	}
	attempts := make([]job.AttemptRecord, 0, len(byNumber))
	for _, a := range byNumber {
		attempts = append(attempts, *a)
	}
	slices.SortFunc(attempts, func(a, b job.AttemptRecord) int { return int(a.Number - b.Number) })
	return attempts, nil
}

func setField(a *job.AttemptRecord, name, value string) (err error) {
	switch name {
	case "worker":
		a.Worker = value
	case "state":
		a.State = job.AttemptState(value)
	case "started_ms":
		a.StartedMillis, err = strconv.ParseInt(value, 10, 64)
	case "ended_ms":
		a.EndedMillis, err = strconv.ParseInt(value, 10, 64)
	case "failure":
		a.Failure = new(job.Failure)
		err = json.Unmarshal([]byte(value), a.Failure)
	}
	return err
}
