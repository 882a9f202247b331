package layout

import (
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

// expect is nil if something is as expected.
func expect[T comparable](what string, got, want T) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%s: got %v, want %v", what, got, want)
}

// expectState wants a task to be in a state, as its hash has it and as Asynq tells it.
func (t *trial) expectState(id, field string, want asynq.TaskState) error {
	info, err := t.inspector.GetTaskInfo(t.queue, id)
	if err != nil {
		return fmt.Errorf("look at %s: %w", id, err)
	}
	state, err := t.rdb.HGet(t.ctx, taskKey(t.queue, id), "state").Result()
	if err != nil {
		return fmt.Errorf("read the state of %s: %w", id, err)
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
