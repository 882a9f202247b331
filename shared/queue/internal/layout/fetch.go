package layout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// mostFetched bounds how many tasks are fetched at once.
	mostFetched = 32
	// leaseTime is how long Asynq leaves a task to a server that does not extend its lease.
	leaseTime = 30 * time.Second
	// mostAge is how old a task may get that was fetched and not handed out. Whoever looks for tasks that nobody says to have finds it later.
	mostAge = 2 * time.Second
	// giveBackTime bounds the giving back.
	giveBackTime = 3 * time.Second
)

// take does to each of several tasks what Asynq's own fetch does to one: to the list of those that workers have, with a lease, and no longer
// waiting. It also marks them as taken. An id whose task is gone is dropped. Its first write needs no memory, so that a full Redis lets it through.
//
// KEYS pending paused active lease, of each queue in turn, and the set of parked servers, if this one parks. ARGV lease_end, then of each queue the
// prefix of its tasks' keys and how many are to come from it; what one has not got comes from the others, the first ones first; and for a server that
// parks its name in the set and whether it may be there. It is there afterwards if there was nothing to take. Returns a list: a list with the numbers of those that are paused,
// then number, id and message of each task, and when it was queued in nanoseconds if it was never taken before, or nothing.
var take = redis.NewScript(`
local queues, asleep, out = math.floor(#KEYS / 4), {}, {{}}
local park = KEYS[4 * queues + 1]
if park and ARGV[#ARGV] == '1' then redis.call('SREM', park, ARGV[#ARGV - 1]) end
local flags = {}
for q = 1, queues do flags[q] = KEYS[4 * q - 2] end
if redis.call('EXISTS', unpack(flags)) > 0 then
  for q = 1, queues do
    if redis.call('EXISTS', flags[q]) == 1 then
      asleep[q] = true
      table.insert(out[1], q)
    end
  end
end
local function from(q, n)
  local ids = redis.call('RPOP', KEYS[4 * q - 3], n)
  if not ids then return 0, 0 end
  local taken, leases = {}, {}
  for _, id in ipairs(ids) do
    local task = ARGV[2 * q] .. id
    local t = redis.call('HMGET', task, 'msg', 'pending_since')
    if t[1] then
      local first = redis.call('HSET', task, 'state', 'active', 'taken', '1') == 1
      redis.call('HDEL', task, 'pending_since')
      taken[#taken + 1] = id
      leases[#leases + 1], leases[#leases + 2] = ARGV[1], id
      local n = #out
      out[n + 1], out[n + 2], out[n + 3], out[n + 4] = q, id, t[1], first and t[2] or ''
    end
  end
  if #taken > 0 then
    redis.call('LPUSH', KEYS[4 * q - 1], unpack(taken))
    redis.call('ZADD', KEYS[4 * q], unpack(leases))
  end
  return #taken, #ids
end
local left, more = 0, {}
for q = 1, queues do
  local n = tonumber(ARGV[2 * q + 1])
  left = left + n
  if not asleep[q] then
    local got, looked = 0, 0
    if n > 0 then got, looked = from(q, n) end
    left = left - got
    more[q] = looked == n
  end
end
for q = 1, queues do
  if left > 0 and more[q] then left = left - (from(q, left)) end
end
if park and #out == 1 and #out[1] == 0 then redis.pcall('SADD', park, ARGV[#ARGV - 1]) end -- a full Redis refuses, and hands over nothing
return out`)

// task is one that was fetched, or handed over.
type task struct {
	queue, id, msg string
	queued         time.Time // if nobody had it before
	since          time.Time // when it was fetched
	end            int64     // of its lease, in seconds since 1970
}

// fetch fills the buffer with up to n tasks, and tells how many there were, and which queues are paused.
func (f *Feeder) fetch(ctx context.Context, n int) (got int, asleep map[string]bool, err error) {
	parks := f.lot
	if parks != nil && !parks.isOpen() {
		parks = nil
	}
	tasks, asleep, err := takeFrom(ctx, f.UniversalClient, f.o.Queues, n, parks)
	if err != nil {
		return 0, nil, err
	}
	f.takeIn(tasks) //nolint:contextcheck // what is done at once goes on when the server is told to stop
	return len(tasks), asleep, nil
}

// add adds tasks to those that are to be handed out.
func (f *Feeder) add(tasks ...task) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buffer = append(f.buffer, tasks...)
}

// takeFrom takes up to n tasks from queues, by their weights while all have work, or parks where there are none; parks may be nil.
func takeFrom(ctx context.Context, rdb redis.UniversalClient, weights map[string]int, n int, parks *lot) ([]task, map[string]bool, error) {
	since := time.Now()
	end := since.Add(leaseTime).Unix()
	queues, counts := draw(weights, n)
	keys, args := make([]string, 0, 4*len(queues)+1), make([]any, 1, 3+2*len(queues))
	args[0] = end
	for i, q := range queues {
		keys = append(keys, key(q, pending), key(q, paused), key(q, active), key(q, lease))
		args = append(args, taskKey(q, ""), counts[i])
	}
	if parks != nil {
		was := 0
		if parks.parked.Swap(true) {
			was = 1
		}
		keys, args = append(keys, parks.key), append(args, parks.channel, was)
	}
	reply, err := take.Run(ctx, rdb, keys, args...).Slice()
	if err != nil {
		return nil, nil, fmt.Errorf("fetch tasks: %w", err)
	}
	tasks, asleep, err := readTaken(reply, queues)
	for i := range tasks {
		tasks[i].since, tasks[i].end = since, end
	}
	if parks != nil && err == nil && (len(tasks) > 0 || asleep != nil) {
		parks.parked.Store(false)
	}
	return tasks, asleep, err
}

var errReply = errors.New("fetch tasks: Redis gives an answer of another form")

// readTaken reads what take answers.
func readTaken(reply []any, queues []string) (tasks []task, asleep map[string]bool, err error) {
	if len(reply)%4 != 1 {
		return nil, nil, errReply
	}
	numbers, ok := reply[0].([]any)
	if !ok {
		return nil, nil, errReply
	}
	for _, v := range numbers {
		q, ok := nameOf(v, queues)
		if !ok {
			return nil, nil, errReply
		}
		if asleep == nil {
			asleep = map[string]bool{}
		}
		asleep[q] = true
	}
	for row := range slices.Chunk(reply[1:], 4) {
		q, ok := nameOf(row[0], queues)
		id, isID := row[1].(string)
		msg, isMsg := row[2].(string)
		since, isTime := row[3].(string)
		if !ok || !isID || !isMsg || !isTime {
			return nil, nil, errReply
		}
		t := task{queue: q, id: id, msg: msg}
		if ns, err := strconv.ParseInt(since, 10, 64); err == nil {
			t.queued = time.Unix(0, ns)
		}
		tasks = append(tasks, t)
	}
	return tasks, asleep, nil
}

// nameOf is the queue of a number that Redis has answered.
func nameOf(number any, queues []string) (string, bool) {
	n, ok := number.(int64)
	if !ok || n < 1 || n > int64(len(queues)) {
		return "", false
	}
	return queues[n-1], true
}

// draw puts queues into a random order, and tells how many of n tasks are to come from each: both by their weights.
func draw(weights map[string]int, n int) (queues []string, counts []int) {
	var lots []string
	one := func() string { return lots[rand.N(len(lots))] } //nolint:gosec // nobody gains by guessing it
	for q, weight := range weights {
		for range weight {
			lots = append(lots, q)
		}
	}
	for len(queues) < len(weights) {
		if q := one(); !slices.Contains(queues, q) {
			queues = append(queues, q)
		}
	}
	counts = make([]int, len(queues))
	counts[0] = 1 // the order was drawn already
	for range n - 1 {
		counts[slices.Index(queues, one())]++
	}
	return queues, counts
}

// pop hands out the next task of the buffer. If that is too old, all are given back.
func (f *Feeder) pop(ctx context.Context) (msg string, ok bool) {
	f.mu.Lock()
	if len(f.buffer) > 0 && time.Since(f.buffer[0].since) < mostAge {
		t := f.buffer[0]
		f.buffer = f.buffer[1:]
		f.mu.Unlock()
		f.deliveries.begun(t)
		return t.msg, true
	}
	f.mu.Unlock()
	f.GiveBack(ctx)
	return "", false
}

// GiveBack puts back what was fetched and not handed out, to the heads of the queues. What fails comes back once somebody misses it.
func (f *Feeder) GiveBack(ctx context.Context) {
	f.mu.Lock()
	tasks := f.buffer
	f.buffer = nil
	f.mu.Unlock()
	if len(tasks) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackTime)
	defer cancel()
	if err := putBack(ctx, f.UniversalClient, tasks); err != nil {
		f.o.Logger.WarnContext(ctx, "tasks could not be given back, which others will do in some seconds", slog.Any("error", err))
	}
}

// giveBack makes tasks wait again that were taken with a lease and that nobody else has taken since, ahead of all others. Its first write needs no
// memory.
//
// KEYS active lease pending; ARGV lease_end now_ns prefix, and the ids, the first one last. Returns how many that were.
var giveBack = redis.NewScript(`
local n = 0
for i = 4, #ARGV do
  local id = ARGV[i]
  if tonumber(redis.call('ZSCORE', KEYS[2], id) or 0) == tonumber(ARGV[1]) and redis.call('LREM', KEYS[1], 0, id) > 0 then
    redis.call('ZREM', KEYS[2], id)
    if redis.call('EXISTS', ARGV[3] .. id) == 1 then
      redis.call('RPUSH', KEYS[3], id)
      redis.call('HSET', ARGV[3] .. id, 'state', 'pending', 'pending_since', ARGV[2])
      n = n + 1
    end
  end
end
return n`)

// putBack gives tasks back.
func putBack(ctx context.Context, rdb redis.UniversalClient, tasks []task) error {
	type together struct {
		queue string
		end   int64
	}
	ids := map[together][]any{}
	for _, t := range slices.Backward(tasks) {
		ids[together{t.queue, t.end}] = append(ids[together{t.queue, t.end}], t.id)
	}
	var errs []error
	for l, ids := range ids {
		q := l.queue
		args := append([]any{l.end, time.Now().UnixNano(), taskKey(q, "")}, ids...)
		if err := giveBack.Run(ctx, rdb, []string{key(q, active), key(q, lease), key(q, pending)}, args...).Err(); err != nil {
			errs = append(errs, fmt.Errorf("give back tasks of %s: %w", q, err))
		}
	}
	return errors.Join(errs...)
}
