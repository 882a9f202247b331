package layout

import (
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// expect is nil if something is as expected.
func expect[T comparable](what string, got, want T) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%w: %s: got %v, want %v", ErrUnexpected, what, got, want)
}

// absent tells what is not there, which is unexpected, from what could not be asked.
func absent(what string, err error) error {
	if errors.Is(err, redis.Nil) || errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return fmt.Errorf("%w: no %s", ErrUnexpected, what)
	}
	return fmt.Errorf("ask for a %s: %w", what, err)
}

// expectState wants a task to be in a state, as its hash has it and as Asynq tells it.
func (t *trial) expectState(id, field string, want asynq.TaskState) error {
	info, err := t.inspector.GetTaskInfo(t.queue, id)
	if err != nil {
		return absent("task", err)
	}
	state, err := t.rdb.HGet(t.ctx, taskKey(t.queue, id), "state").Result()
	if err != nil {
		return absent("state", err)
	}
	return errors.Join(expect("state of "+id, state, field), expect("state of "+id, info.State, want))
}

// expectPosition wants a task at a place in its queue.
func (t *trial) expectPosition(id string, ahead int64, known bool) error {
	gotAhead, gotKnown, err := Position(t.ctx, t.rdb, t.queue, id)
	if err != nil {
		return err
	}
	return errors.Join(expect("place of "+id, gotAhead, ahead), expect("place of "+id+" known", gotKnown, known))
}

// expectStat wants the queue to stand so, with an age if and only if tasks wait.
func (t *trial) expectStat(want Stat) error {
	stats, err := Stats(t.ctx, t.rdb, []string{t.queue})
	if err != nil {
		return err
	}
	got := stats[0]
	old := got.OldestAge
	got.OldestAge = 0
	return errors.Join(expect("queue", got, want), expect("age of the queue", old > 0 && old < time.Hour, want.Pending > 0))
}
