package layout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/encoding/protowire"
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

// heard is the first call of a script that was listened for.
type heard struct {
	Call

	source string
	once   sync.Once
	seen   chan struct{} // closed once it was heard
}

// listenFor returns a connection that listens for a script of Asynq's, with so many keys, of which the first is what workers have.
func (t *trial) listenFor(keys int) (*heard, redis.UniversalClient) {
	h := &heard{seen: make(chan struct{})}
	return h, reader{t.rdb, func(source string, c Call) {
		if len(c.Keys) == keys && c.Keys[0] == key(t.queue, active) {
			h.once.Do(func() {
				h.source, h.Call = source, c
				close(h.seen)
			})
		}
	}}
}

// await waits until it was heard.
func (h *heard) await(ctx context.Context) error {
	select {
	case <-h.seen:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the end of a delivery: %w", context.Cause(ctx))
	}
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
	if err := errors.Join(t.enqueue(endedID, 0), t.endOne(endedID)); err != nil {
		return err
	}
	after, err := t.processed()
	return errors.Join(err, expect("deliveries", after, before+2), t.expectGone(), t.expectStat(Stat{Scheduled: 1, Retry: 1}), t.kept())
}

// kept: a task that is kept can be put aside within another script.
func (t *trial) kept() error {
	if err := errors.Join(t.enqueue(keptID, 0), t.endOne(keptID)); err != nil {
		return err
	}
	info, err := t.inspector.GetTaskInfo(t.queue, keptID)
	if err != nil {
		return fmt.Errorf("look at %s: %w", keptID, err)
	}
	ago := time.Since(info.CompletedAt)
	return errors.Join(expect("a task that is kept", info.State, asynq.TaskStateCompleted), expect("its payload", string(info.Payload), trialPayload),
		expect("how long it is kept", info.Retention, time.Minute), expect("what has come of it", string(info.Result), trialPayload),
		expect("ended just now", ago > -trialTime && ago < trialTime, true))
}

// endOne takes the task that waits, and ends its delivery.
func (t *trial) endOne(id string) error {
	taken, err := t.takeOne(id)
	if err != nil {
		return err
	}
	source, c := t.scripts.Ending(taken, trialPayload, time.Now())
	return t.within(source, c)
}

// endedByAsynq has a server deliver a task, and returns the call that has told its end.
func (t *trial) endedByAsynq() (told Call, err error) {
	h, rdb := t.listenFor(5) //nolint:mnd // the keys of Asynq's script that ends a delivery
	server, err := t.serveOver(rdb, true, "", func(context.Context, *asynq.Task) error { return nil })
	if err != nil {
		return told, err
	}
	if err = t.enqueue(endedID, 0); err == nil {
		err = h.await(t.ctx)
	}
	server.shutdown()
	t.scripts.Done = h.source
	return h.Call, errors.Join(err, t.expectGone())
}

// expectEnd wants the call to be the one of Ending, now or a while ago.
func (t *trial) expectEnd(told Call) error {
	return t.expectCall(told, func(at time.Time) Call { return Ending(t.queue, endedID, at) })
}

// putAside: the first task, which is kept, was put aside as Scripts.Ending has it.
func (t *trial) putAside(told *heard) error {
	if err := told.await(t.ctx); err != nil {
		return err
	}
	t.scripts.keep = keepResult + told.source
	message, _ := told.Args[3].([]byte)
	was := Task{Queue: t.queue, ID: firstID, retention: uint64(time.Minute.Seconds())}
	plain := eachField(message, func(field protowire.Number, value []byte, number uint64) bool {
		if field != fieldEnded {
			was.message += string(appendField(nil, field, value, number))
		}
		return true
	})
	if err := expect("the message of a task that has ended", plain, true); err != nil {
		return err
	}
	told.Args = append(told.Args, "")
	return t.expectCall(told.Call, func(at time.Time) Call {
		_, c := Scripts{}.Ending(was, "", at)
		return c
	})
}

// appendField appends a field of a message.
func appendField(b []byte, field protowire.Number, value []byte, number uint64) []byte {
	if value != nil {
		return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), value)
	}
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), number)
}

// expectCall wants a call of Asynq's to be the one that ours is at some moment of the last seconds: with the same keys and arguments, and messages of
// the same fields.
func (t *trial) expectCall(told Call, ours func(at time.Time) Call) error {
	const moment = 2 * trialTime
	now, want := time.Now(), Call{}
	for at := now; at.After(now.Add(-moment)); at = at.Add(-time.Second) {
		if want = ours(at); fmt.Sprint(want.Keys) == fmt.Sprint(told.Keys) && slices.EqualFunc(want.Args, told.Args, isSame) {
			return nil
		}
	}
	return expect("end of a delivery", fmt.Sprint(told.Keys, told.Args), fmt.Sprint(want.Keys, want.Args))
}

// isSame compares two arguments; of messages the order of the fields makes no difference.
func isSame(a, b any) bool {
	one, ok := a.([]byte)
	other, also := b.([]byte)
	if !ok || !also {
		return fmt.Sprint(a) == fmt.Sprint(b)
	}
	fields := func(message []byte) (all []string) {
		eachField(message, func(field protowire.Number, value []byte, number uint64) bool {
			all = append(all, fmt.Sprint(field, string(value), number))
			return true
		})
		slices.Sort(all)
		return all
	}
	return slices.Equal(fields(one), fields(other))
}

// takeOne has somebody take the task that waits, for the first time.
func (t *trial) takeOne(id string) (Task, error) {
	tasks, _, err := takeFrom(t.ctx, t.rdb, map[string]int{t.queue: 1}, 1, nil)
	if err != nil {
		return Task{}, err
	}
	if err := t.expectFetched(tasks, id); err != nil {
		return Task{}, err
	}
	read, ok := tasks[0].read()
	return read, errors.Join(expect("taken for the first time", tasks[0].queued.IsZero(), false), expect("a message that says what is to be done", ok, true),
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
	done := make(chan error, 1)
	server, err := t.serveOver(t.rdb, true, park, func(context.Context, *asynq.Task) error {
		done <- t.expectTaken()
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
		case err = <-done:
		case <-t.ctx.Done():
			err = fmt.Errorf("wait for what was handed over: %w", context.Cause(t.ctx))
		}
	}
	server.shutdown()
	if err := errors.Join(err, t.expectGone(), t.rdb.SAdd(t.ctx, park, "nobody").Err()); err != nil {
		return err
	}
	return errors.Join(t.enqueueAndHand(park), t.expectStat(Stat{Pending: 1, Scheduled: 1, Retry: 1}), t.endOne(endedID))
}

// expectTaken wants the task that was handed over to stand as Asynq's own fetch has left the first one, which had a message of its own.
func (t *trial) expectTaken() error {
	now, err := t.look(endedID)
	if err != nil {
		return err
	}
	msg, err := t.rdb.HGet(t.ctx, taskKey(t.queue, endedID), "msg").Result()
	if err != nil {
		return fmt.Errorf("read the message of %s: %w", endedID, err)
	}
	return expect("what was handed over", now, snapshotOf(map[string]string{"msg": msg, "state": active}, map[string][]string{pending: {}, active: {endedID}}, true))
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
