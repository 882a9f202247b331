package layout

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// within runs a script of Asynq's as part of another one, as whoever takes it along does.
func (t *trial) within(source string, c Call) error {
	host := redis.NewScript("local function errand(KEYS, ARGV)\n" + source + "\nend\nredis.call('DEL', KEYS[1])\n" +
		"local said = errand({unpack(KEYS, 2)}, {unpack(ARGV)})\nreturn type(said) == 'table' and said.err or ''")
	said, err := host.Run(t.ctx, t.rdb, append([]string{key(t.queue, "host")}, c.Keys...), c.Args...).Text()
	if err != nil {
		return fmt.Errorf("run a script within another: %w", err)
	}
	return expect("what a script within another says", said, "")
}

// enqueueWithin enqueues a task by what Asynq would have sent.
func (t *trial) enqueueWithin(id string) error {
	// The text first, which is sent for a task that is there already, and so does nothing.
	teller := asynq.NewClientFromRedisClient(reader{t.rdb, func(source string, _ Call) { t.scripts.enqueueBy(source) }})
	if err := t.enqueueBy(t.ctx, teller, firstID, 0); !errors.Is(err, asynq.ErrTaskIDConflict) {
		return errors.Join(err, expect("the same task again", err == nil, false))
	}
	var c Call
	if err := t.enqueueBy(Record(t.ctx, &c), asynq.NewClientFromRedisClient(Recorder(t.rdb)), id, 0); err != nil {
		return err
	}
	return t.within(t.scripts.Enqueue, c)
}

// ended: the end of a task that is not kept is told as Ending has it, and can be told within another script, after which Asynq's own is answered.
func (t *trial) ended() error {
	before, err := t.processed()
	if err != nil {
		return err
	}
	told, err := t.endedByAsynq()
	if err := errors.Join(err, t.expectEnd(told)); err != nil {
		return err
	}
	if err := errors.Join(t.enqueue(endedID, 0), t.takeOne()); err != nil {
		return err
	}
	if err := t.within(t.scripts.Done, Ending(t.queue, endedID, time.Now())); err != nil {
		return err
	}
	after, err := t.processed()
	return errors.Join(err, expect("deliveries", after, before+2), t.expectGone(), t.expectStat(Stat{Scheduled: 1, Retry: 1}))
}

// endedByAsynq has a server deliver a task, and returns the call that has told its end.
func (t *trial) endedByAsynq() (told Call, err error) {
	var mu sync.Mutex
	seen := make(chan struct{})
	read := func(source string, c Call) {
		mu.Lock()
		defer mu.Unlock()
		if len(c.Keys) == 5 && c.Keys[0] == key(t.queue, active) && told.Keys == nil {
			t.scripts.Done, told = source, c
			close(seen)
		}
	}
	server, err := t.serveOver(reader{t.rdb, read}, true, "", func(context.Context, *asynq.Task) error { return nil })
	if err != nil {
		return told, err
	}
	err = t.enqueue(endedID, 0)
	if err == nil {
		select {
		case <-seen:
		case <-t.ctx.Done():
			err = fmt.Errorf("wait for the end of a delivery: %w", context.Cause(t.ctx))
		}
	}
	server.shutdown()
	mu.Lock()
	defer mu.Unlock()
	return told, errors.Join(err, t.expectGone())
}

// expectEnd wants the call to be the one of Ending, now or a while ago.
func (t *trial) expectEnd(told Call) error {
	const moment = 2 * trialTime
	now := time.Now()
	for _, at := range []time.Time{now, now.Add(-moment)} { // a day may have begun in between
		want := Ending(t.queue, endedID, at)
		if fmt.Sprint(want.Keys) != fmt.Sprint(told.Keys) {
			continue
		}
		until, ok := told.Args[1].(int64)
		left := time.Unix(until, 0).Sub(now.Add(statsTime))
		return errors.Join(expect("end of a delivery", fmt.Sprint(told.Args[0], told.Args[2]), fmt.Sprint(want.Args[0], want.Args[2])),
			expect("how long deliveries are counted", ok && left <= 0 && left > -moment, true))
	}
	return expect("keys of the end of a delivery", fmt.Sprint(told.Keys), fmt.Sprint(Ending(t.queue, endedID, now).Keys))
}

// takeOne has somebody take the task that waits.
func (t *trial) takeOne() error {
	tasks, _, err := takeFrom(t.ctx, t.rdb, map[string]int{t.queue: 1}, 1, nil)
	if err != nil {
		return err
	}
	if err := t.expectFetched(tasks, endedID); err != nil {
		return err
	}
	read, ok := tasks[0].read()
	return errors.Join(expect("taken for the first time", tasks[0].queued.IsZero(), false), expect("a message that says no more than what is to be done", ok, true),
		expect("what is to be done", read.Type+" "+string(read.Payload)+" "+read.Headers[trialHeader], trialType+" "+trialPayload+" "+trialHeader))
}

// processed is how many deliveries of the queue have ended.
func (t *trial) processed() (int, error) {
	n, err := t.rdb.Get(t.ctx, key(t.queue, processed)).Int()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("read what is counted: %w", err)
	}
	return n, nil
}

// expectGone wants nothing to be left of the task that has ended.
func (t *trial) expectGone() error {
	there, err := t.rdb.Exists(t.ctx, taskKey(t.queue, endedID)).Result()
	return errors.Join(err, expect("tasks left", there, 0))
}

// handed: a server that is parked is handed the task that is enqueued, and what nobody is there to be handed waits.
func (t *trial) handed() error {
	if t.base == nil {
		return nil
	}
	park := key(t.queue, "parked")
	done := make(chan struct{})
	server, err := t.serveOver(t.rdb, true, park, func(context.Context, *asynq.Task) error {
		close(done)
		return nil
	})
	if err != nil {
		return err
	}
	err = t.until("a server is parked", func() (bool, error) {
		n, err := t.rdb.SCard(t.ctx, park).Result()
		return n == 1, err
	})
	if err == nil {
		err = t.enqueueAndHand(park)
	}
	if err == nil {
		select {
		case <-done:
		case <-t.ctx.Done():
			err = fmt.Errorf("wait for what was handed over: %w", context.Cause(t.ctx))
		}
	}
	server.shutdown()
	if err := errors.Join(err, t.expectGone(), t.rdb.SAdd(t.ctx, park, "nobody").Err()); err != nil {
		return err
	}
	if err := errors.Join(t.enqueueAndHand(park), t.expectStat(Stat{Pending: 1, Scheduled: 1, Retry: 1}), t.takeOne()); err != nil {
		return err
	}
	return t.within(t.scripts.Done, Ending(t.queue, endedID, time.Now()))
}

// enqueueAndHand enqueues a task for whoever is parked.
func (t *trial) enqueueAndHand(park string) error {
	var c Call
	if err := t.enqueueBy(Record(t.ctx, &c), asynq.NewClientFromRedisClient(Recorder(t.rdb)), endedID, 0); err != nil {
		return err
	}
	source, all := t.scripts.Starting(c, t.queue, park, time.Now())
	return t.within(source, all)
}
