package layout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/queue/internal/room"
)

// snapshot is how a task stands, as text.
type snapshot string

// look tells how a task stands.
func (t *trial) look(id string) (snapshot, error) {
	fields, err := t.rdb.HGetAll(t.ctx, taskKey(t.queue, id)).Result()
	lists := map[string][]string{}
	for _, part := range []string{pending, active} {
		ids, failed := t.rdb.LRange(t.ctx, key(t.queue, part), 0, -1).Result()
		lists[part], err = ids, errors.Join(err, failed)
	}
	end, failed := t.rdb.ZScore(t.ctx, key(t.queue, lease), id).Result()
	if err := errors.Join(err, failed); err != nil {
		return "", fmt.Errorf("look at %s: %w", id, err)
	}
	left := time.Until(time.Unix(int64(end), 0))
	delete(fields, "taken") // that is ours
	return snapshotOf(fields, lists, left > leaseTime-5*time.Second && left <= leaseTime), nil
}

// snapshotOf is a task with these fields in these lists, and with a lease or without.
func snapshotOf(fields map[string]string, lists map[string][]string, leased bool) snapshot {
	return snapshot(fmt.Sprint(slices.Sorted(maps.Keys(fields)), fields, lists, leased))
}

// fetched: several tasks are fetched as Asynq fetches one, and can be given back; waiting until there are some changes nothing.
func (t *trial) fetched() error {
	weights := map[string]int{t.queue: 1}
	one, _, err := takeFrom(t.ctx, t.rdb, weights, 1, nil)
	if err != nil {
		return err
	}
	ours, err := t.look(firstID)
	if err := errors.Join(err, expect("task fetched", ours, t.asynqs), t.expectFetched(one, firstID)); err != nil {
		return err
	}
	if err := errors.Join(putBack(t.ctx, t.rdb, one), t.expectWaiting()); err != nil {
		return err
	}
	all, _, err := takeFrom(t.ctx, t.rdb, weights, mostFetched, nil)
	if err := errors.Join(err, t.expectFetched(all, firstID, secondID), t.expectStat(Stat{Active: 2, Scheduled: 1})); err != nil {
		return err
	}
	b := newBell(t.base, []string{t.queue})
	defer b.close()
	if err := errors.Join(putBack(t.ctx, t.rdb, all), t.expectWaiting()); err != nil || t.base == nil {
		return err
	}
	if err := b.turn(key(t.queue, pending)); err != nil && !room.IsFull(err) {
		return fmt.Errorf("wait for a task: %w", err)
	}
	return t.expectWaiting()
}

// expectFetched wants these tasks to have been fetched, with their messages.
func (t *trial) expectFetched(tasks []task, ids ...string) error {
	var got []string
	for _, f := range tasks {
		got = append(got, f.id)
		msg, err := t.rdb.HGet(t.ctx, taskKey(t.queue, f.id), "msg").Result()
		if err := errors.Join(err, expect("queue of "+f.id, f.queue, t.queue), expect("message of "+f.id, f.msg, msg)); err != nil {
			return err
		}
	}
	return expect("tasks fetched", fmt.Sprint(got), fmt.Sprint(ids))
}

// delivered: a task that was taken back is delivered again, one that fails waits for its retry.
func (t *trial) delivered() error {
	told, rdb := t.listenFor(6) //nolint:mnd // the keys of Asynq's script that puts a task aside
	server, err := t.serveOver(rdb, true, "", func(_ context.Context, task *asynq.Task) error {
		if task.ResultWriter().TaskID() == firstID {
			return nil
		}
		return errors.New("try again")
	})
	if err != nil {
		return err
	}
	err = errors.Join(t.await(firstID, asynq.TaskStateCompleted), t.await(secondID, asynq.TaskStateRetry))
	server.shutdown()
	return errors.Join(err, t.expectStat(Stat{Scheduled: 1, Retry: 1}), t.putAside(told))
}

// woken: a server that has nothing to do is told of what comes.
func (t *trial) woken() error {
	server, err := t.serve(true, func(context.Context, *asynq.Task) error { return nil })
	if err != nil {
		return err
	}
	defer server.shutdown()
	if err := t.until("a server waits", func() (bool, error) { return server.feeder.bell.listening(), nil }); err != nil {
		return err
	}
	return errors.Join(t.enqueue(wokenID, 0), t.await(wokenID, asynq.TaskStateCompleted), t.alive(server.feeder))
}

// describe is the part of Asynq's script that describes a server.
var describe = redis.NewScript(`return redis.call('SETEX', KEYS[1], ARGV[1], ARGV[2])`)

// alive: a server that says again that it lives, the short way, is known as before.
func (t *trial) alive(f *Feeder) error {
	server, err := t.server()
	if err != nil {
		return err
	}
	name := fmt.Sprintf(":{%s:%d:%s}", server.Host, server.PID, server.ID)
	said, err := t.rdb.GetDel(t.ctx, serversKey+name).Bytes()
	if err != nil {
		return fmt.Errorf("read what a server says of itself: %w", err)
	}
	keys, args := []string{serversKey + name, workersKey + name}, []any{10.0, said}
	for range 2 { // the first may be long, and all are if Redis is full
		again := f.beat(t.ctx, keys, args, func() *redis.Cmd { return describe.Run(t.ctx, t.rdb, keys, args...) })
		if again.Err() != nil {
			return fmt.Errorf("say that a server lives: %w", again.Err())
		}
	}
	got, err := t.server()
	if err != nil {
		return err
	}
	return errors.Join(expect("server", got.ID, server.ID), expect("places", got.Concurrency, 1))
}

// server is what the inspector knows of the server of the trial.
func (t *trial) server() (*asynq.ServerInfo, error) {
	all, err := t.inspector.Servers()
	if err != nil {
		return nil, fmt.Errorf("list servers: %w", err)
	}
	for _, s := range all {
		if s.Queues[t.queue] > 0 {
			return s, nil
		}
	}
	return nil, errors.New("the server is not known")
}
