package layout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/queue/internal/room"
)

// What the tasks of a trial are.
const (
	trialType, trialPayload = "selftest", "{}"
	trialHeader             = "header"
)

// interval is how often a trial looks and its servers do.
const interval = 2 * time.Millisecond

// trial is one try of everything on a queue of its own.
type trial struct {
	ctx       context.Context //nolint:containedctx // it lives for one call
	rdb       redis.UniversalClient
	base      *redis.Client // what that writes through, if it is an ordinary client
	queue     string
	tasks     *asynq.Client
	inspector *asynq.Inspector

	// asynqs is how all stands after Asynq's own fetch of the first task.
	asynqs snapshot
	// scripts are what Asynq was seen to send.
	scripts Scripts
}

func newTrial(ctx context.Context, conn redis.UniversalClient) (*trial, error) {
	rdb := room.On(conn)
	name, err := scratchName(ctx, rdb)
	if err != nil {
		return nil, err
	}
	base, _ := conn.(*redis.Client)
	return &trial{
		ctx: ctx, rdb: rdb, base: base, queue: name,
		tasks: asynq.NewClientFromRedisClient(rdb), inspector: asynq.NewInspectorFromRedisClient(rdb),
	}, nil
}

func (t *trial) run() error {
	for _, step := range []func() error{t.waiting, t.taken, t.fetched, t.delivered, t.woken, t.ended, t.handed, t.pausing, t.archiving} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// waiting: what is enqueued stands where Position and Stats look for it.
func (t *trial) waiting() error {
	for _, task := range []struct {
		id string
		in time.Duration
	}{{firstID, 0}, {laterID, time.Hour}} {
		if err := t.enqueue(task.id, task.in); err != nil {
			return err
		}
	}
	if err := t.enqueueWithin(secondID); err != nil {
		return err
	}
	registered, err := t.rdb.SIsMember(t.ctx, queuesKey, t.queue).Result()
	return errors.Join(err, expect("registered", registered, true), t.expectWaiting(), t.expectStat(Stat{Pending: 2, Scheduled: 1}))
}

func (t *trial) enqueue(id string, in time.Duration) error {
	return t.enqueueBy(t.ctx, t.tasks, id, in)
}

func (t *trial) enqueueBy(ctx context.Context, client *asynq.Client, id string, in time.Duration) error {
	options := []asynq.Option{asynq.TaskID(id), asynq.Queue(t.queue), asynq.ProcessIn(in), asynq.MaxRetry(1)}
	if id != endedID {
		options = append(options, asynq.Retention(time.Minute))
	}
	_, err := client.EnqueueContext(ctx, asynq.NewTaskWithHeaders(trialType, []byte(trialPayload), map[string]string{trialHeader: trialHeader}), options...)
	if err != nil {
		return fmt.Errorf("enqueue: %w", err)
	}
	return nil
}

// taken: what a server has can be told and taken back, and its end then changes nothing.
func (t *trial) taken() error {
	entered, leave := make(chan string, 1), make(chan struct{})
	server, err := t.serve(false, func(_ context.Context, task *asynq.Task) error {
		entered <- task.ResultWriter().TaskID()
		<-leave
		return nil
	})
	if err != nil {
		return err
	}
	err = t.takeBack(server, entered)
	close(leave)
	server.shutdown()
	if err != nil {
		return err
	}
	return errors.Join(t.expectWaiting(), t.expectStat(Stat{Pending: 2, Scheduled: 1}))
}

func (t *trial) takeBack(server serving, entered <-chan string) error {
	select {
	case id := <-entered:
		if err := expect("first taken", id, firstID); err != nil {
			return err
		}
	case <-t.ctx.Done():
		return fmt.Errorf("wait for a delivery: %w", context.Cause(t.ctx))
	}
	server.stop()
	end, err := t.rdb.ZScore(t.ctx, key(t.queue, lease), firstID).Result()
	if err != nil {
		return fmt.Errorf("read a lease: %w", err)
	}
	// Leases go by the clock of the server, which is this process.
	left := time.Until(time.Unix(int64(end), 0))
	ids, err := Active(t.ctx, t.rdb, []string{t.queue})
	if err := errors.Join(err, expect("lease within half a minute", left > 0 && left <= 31*time.Second, true),
		expect("tasks taken", fmt.Sprint(ids[t.queue]), fmt.Sprint([]string{firstID})), t.expectState(firstID, active, asynq.TaskStateActive),
		t.expectStat(Stat{Pending: 1, Active: 1, Scheduled: 1}), t.expectPosition(firstID, 0, true), t.expectPosition(secondID, 0, true)); err != nil {
		return err
	}
	if t.asynqs, err = t.look(firstID); err != nil {
		return err
	}
	for _, want := range []bool{true, false} {
		had, err := Reclaim(t.ctx, t.rdb, t.queue, firstID)
		if err := errors.Join(err, expect("taken back", had, want)); err != nil {
			return err
		}
	}
	err = t.rdb.ZScore(t.ctx, key(t.queue, lease), firstID).Err()
	if err == nil || !errors.Is(err, redis.Nil) {
		return errors.Join(err, expect("lease left", err == nil, false))
	}
	return t.expectWaiting()
}

// expectWaiting wants both tasks to wait, in their order.
func (t *trial) expectWaiting() error {
	ids, err := t.rdb.LRange(t.ctx, key(t.queue, pending), 0, -1).Result()
	return errors.Join(err, expect("tasks waiting", slices.Equal(ids, []string{secondID, firstID}), true),
		t.expectState(firstID, pending, asynq.TaskStatePending), t.expectState(secondID, pending, asynq.TaskStatePending),
		t.expectPosition(firstID, 0, true), t.expectPosition(secondID, 1, true), t.expectPosition(laterID, 0, false))
}

// pausing: a queue that is paused says so.
func (t *trial) pausing() error {
	if err := t.inspector.PauseQueue(t.queue); err != nil {
		return fmt.Errorf("pause: %w", err)
	}
	_, asleep, err := takeFrom(t.ctx, t.rdb, map[string]int{t.queue: 1}, 1, nil)
	if err := errors.Join(err, expect("paused", asleep[t.queue], true)); err != nil {
		return err
	}
	return t.expectStat(Stat{Scheduled: 1, Retry: 1, Paused: true})
}

// archiving: a task that is put away for good says so.
func (t *trial) archiving() error {
	if err := t.inspector.ArchiveTask(t.queue, secondID); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return t.expectStat(Stat{Scheduled: 1, Archived: 1, Paused: true})
}

// await waits until Asynq has written down what became of a task.
func (t *trial) await(id string, want asynq.TaskState) error {
	return t.until(fmt.Sprintf("a task is %v", want), func() (bool, error) {
		info, err := t.inspector.GetTaskInfo(t.queue, id)
		if err != nil {
			return false, fmt.Errorf("look at %s: %w", id, err)
		}
		return info.State == want, nil
	})
}

// until asks again and again.
func (t *trial) until(what string, ok func() (bool, error)) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if done, err := ok(); done || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-t.ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, context.Cause(t.ctx))
		}
	}
}
