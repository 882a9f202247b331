package faults_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/e2e/platformtest"
	"numbermill/shared/redistest"
)

// platform is an API and workers, each a process of its own, on a Redis of their own.
type platform struct {
	redis   *redistest.Server
	rdb     *redis.Client
	results string
	api     *platformtest.Process
	c       *platformtest.Client
	workers []*platformtest.Process
}

// open starts Redis and an API.
func open(t *testing.T, options ...redistest.Option) *platform {
	t.Helper()
	p := &platform{redis: redistest.New(t, options...), results: platformtest.Folder(t)}
	p.rdb = dial(t, p.redis.URL())
	p.api, p.c = platformtest.API(t, p.redis.URL(), p.results)
	return p
}

// dial returns a client that this test looks into Redis with.
func dial(t *testing.T, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	o.MaxRetries = -1
	rdb := redis.NewClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// hire starts a worker and waits until it is ready. It does not measure the machine, which would keep it busy.
func (p *platform) hire(t *testing.T, args ...string) *platformtest.Process {
	t.Helper()
	w := p.begin(t, args...)
	w.AwaitReady(t)
	return w
}

// begin starts a worker.
func (p *platform) begin(t *testing.T, args ...string) *platformtest.Process {
	t.Helper()
	w := platformtest.Start(t, platformtest.WorkerCommand(p.redis.URL(), p.results, append([]string{"--calibrate=false"}, args...)...))
	p.workers = append(p.workers, w)
	return w
}

// logs are those of all workers, dead ones too.
func (p *platform) logs() []*platformtest.Log {
	var logs []*platformtest.Log
	for _, w := range p.workers {
		logs = append(logs, w.Err)
	}
	return logs
}

// says matches the lines with a message and, by turns, these members.
func says(message string, members ...string) func(platformtest.Line) bool {
	return func(l platformtest.Line) bool {
		for i := 0; i+1 < len(members); i += 2 {
			if l.Text(members[i]) != members[i+1] {
				return false
			}
		}
		return l.Message() == message
	}
}

// at is when a line was logged.
func at(t *testing.T, l platformtest.Line) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, l.Text("@timestamp"))
	if err != nil {
		t.Fatalf("the time of %s: %v", l.Raw, err)
	}
	return when
}

// delivered counts the tasks that Asynq keeps in a set of all its queues, such as "retry" or "archived".
func (p *platform) delivered(t *testing.T, set string) (n int64) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), platformtest.Patience)
	defer stop()
	queues, err := p.rdb.SMembers(ctx, "asynq:queues").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queues {
		more, err := p.rdb.ZCard(ctx, "asynq:{"+q+"}:"+set).Result()
		if err != nil {
			t.Fatal(err)
		}
		n += more
	}
	return n
}
