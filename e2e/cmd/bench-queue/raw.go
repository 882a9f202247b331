package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Names in Redis.
const (
	replyChannel = "bench:replies"
	pendingList  = "bench:pending"
	activeList   = "bench:active"
	taskType     = "compute"
)

// chunk is how many jobs of a batch are submitted in one trip.
const chunk = 500

// raw is a queue without HTTP, whose client is in this process. A worker tells of each end, with the digits, on one channel that is listened to
// here.
type raw struct {
	client *redis.Client
	push   func(ctx context.Context, tasks ...string) error
	ended  func() error
	heard  sync.WaitGroup
	replies

	last int
}

// replies are the ends that somebody waits for.
type replies struct {
	mu      sync.Mutex
	waiting map[string]chan string
}

// startRaw starts the worker, which is this program again.
func startRaw(id string) func(context.Context, *life) (target, error) {
	return func(ctx context.Context, l *life) (target, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find this program: %w", err)
		}
		address := l.bench.redis.address
		if _, err := l.run(ctx, worker, nil, self, "-serve", id, "-redis", address); err != nil {
			return nil, err
		}
		return connectRaw(ctx, id, address)
	}
}

// connectRaw is the client's side.
func connectRaw(ctx context.Context, id, address string) (target, error) {
	client := redis.NewClient(&redis.Options{Addr: address, PoolSize: manyConnections})
	s := &raw{client: client, replies: replies{waiting: make(map[string]chan string)}, ended: func() error { return nil }}
	s.push = func(ctx context.Context, tasks ...string) error {
		return client.LPush(ctx, pendingList, asAny(tasks)...).Err()
	}
	if id == asynqID {
		tasks := asynq.NewClientFromRedisClient(client)
		s.push = func(ctx context.Context, all ...string) error { return enqueue(ctx, tasks, all) }
	}
	return s, s.listen(ctx)
}

// enqueue submits tasks one by one, which is what Asynq offers.
func enqueue(ctx context.Context, client *asynq.Client, tasks []string) error {
	for _, task := range tasks {
		if _, err := client.EnqueueContext(ctx, asynq.NewTask(taskType, []byte(task)), asynq.MaxRetry(3), asynq.Timeout(time.Minute)); err != nil {
			return err
		}
	}
	return nil
}

func asAny(words []string) []any {
	all := make([]any, len(words))
	for i, word := range words {
		all[i] = word
	}
	return all
}

// listen hands each end to whoever waits for it, until the target is closed.
func (s *raw) listen(ctx context.Context) error {
	subscription := s.client.Subscribe(ctx, replyChannel)
	if _, err := subscription.Receive(ctx); err != nil {
		return fmt.Errorf("listen for results: %w", err)
	}
	s.ended = subscription.Close
	s.heard.Go(func() {
		for {
			message, err := subscription.ReceiveMessage(ctx)
			if err != nil {
				return // it is closed, or whoever waits gives up
			}
			id, digits, _ := strings.Cut(message.Payload, " ")
			s.tell(id, digits)
		}
	})
	return nil
}

func (s *raw) close() {
	_ = s.ended()
	s.heard.Wait()
	_ = s.client.Close() // nothing is under way
}

// tell hands an end over.
func (r *replies) tell(id, digits string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if to := r.waiting[id]; to != nil {
		delete(r.waiting, id)
		to <- digits // there is room for it
	}
}

// expect says that somebody will wait for the end of a job; to has room for it.
func (s *raw) expect(j job, to chan string) (id, task string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	id = strconv.Itoa(s.last)
	s.waiting[id] = to
	return id, id + " " + j.function() + " " + strconv.Itoa(j.n)
}

func (s *raw) connect(context.Context) (caller, error) {
	return &rawCaller{s, make(chan string, 1)}, nil
}

// rawCaller has one job done after the other.
type rawCaller struct {
	*raw
	digits chan string
}

func (*rawCaller) close() {}

func (c *rawCaller) fresh(ctx context.Context, j job) (string, error) {
	id, task := c.expect(j, c.digits)
	if err := c.push(ctx, task); err != nil {
		return "", err
	}
	select {
	case digits := <-c.digits:
		return id, j.compare(digits)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// get and again are not offered: a job that has ended is gone.
func (*rawCaller) get(context.Context, string) error { return errNotOffered }
func (*rawCaller) again(context.Context, job) error  { return errNotOffered }

// batch submits in chunks, and several at a time where each is a call of its own.
func (s *raw) batch(ctx context.Context, all []job) (accepted, done time.Duration, err error) {
	began, digits := time.Now(), make(chan string, len(all))
	var (
		people sync.WaitGroup
		failed = make(chan error, len(all)/chunk+1)
	)
	for from := 0; from < len(all); from += chunk {
		part := all[from:min(from+chunk, len(all))]
		people.Go(func() {
			tasks := make([]string, len(part))
			for i, j := range part {
				_, tasks[i] = s.expect(j, digits)
			}
			failed <- s.push(ctx, tasks...)
		})
	}
	people.Wait()
	accepted = time.Since(began)
	close(failed)
	for err := range failed {
		if err != nil {
			return 0, 0, err
		}
	}
	for range all {
		select {
		case <-digits:
		case <-ctx.Done():
			return 0, 0, ctx.Err()
		}
	}
	return accepted, time.Since(began), nil
}
