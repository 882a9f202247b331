package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// How many tasks the workers in Go have at a time. It is more than there are processors, so that computing does not wait for Redis.
const (
	asynqPlaces  = 64
	blmovePlaces = 16
)

// asynqInterval is how often Asynq looks for tasks when it had none: as often as may be called sensible, for its default of a second is for
// other jobs.
const asynqInterval = 5 * time.Millisecond

// serve is the worker of a peer that is written in Go, until ctx ends.
func serve(ctx context.Context, id, address string, out io.Writer) error {
	client := redis.NewClient(&redis.Options{Addr: address, PoolSize: asynqPlaces + blmovePlaces})
	defer func() { _ = client.Close() }() // nothing is under way
	switch id {
	case asynqID:
		return serveAsynq(ctx, client, out)
	case blmoveID:
		return serveBLMOVE(ctx, client, out)
	}
	return fmt.Errorf("there is no worker %q", id)
}

func serveAsynq(ctx context.Context, client *redis.Client, out io.Writer) error {
	server := asynq.NewServerFromRedisClient(client, asynq.Config{
		Concurrency: asynqPlaces, TaskCheckInterval: asynqInterval, LogLevel: asynq.ErrorLevel,
	})
	if err := server.Start(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		reply, err := replyTo(string(task.Payload()))
		if err != nil {
			return err
		}
		return client.Publish(ctx, replyChannel, reply).Err()
	})); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "ready"); err != nil {
		return err
	}
	<-ctx.Done()
	server.Shutdown()
	return nil
}

// serveBLMOVE moves each task to the list of those under way, and takes it off there when its result is told.
func serveBLMOVE(ctx context.Context, client *redis.Client, out io.Writer) error {
	if _, err := fmt.Fprintln(out, "ready"); err != nil {
		return err
	}
	var (
		places sync.WaitGroup
		failed = make(chan error, blmovePlaces)
	)
	defer context.AfterFunc(ctx, func() { _ = client.Close() })() // it ends those that wait
	for range blmovePlaces {
		places.Go(func() { failed <- moveTasks(ctx, client) })
	}
	places.Wait()
	close(failed)
	var errs []error
	for err := range failed {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func moveTasks(ctx context.Context, client *redis.Client) error {
	const longest = 5 * time.Second
	for ctx.Err() == nil {
		task, err := client.BLMove(ctx, pendingList, activeList, "RIGHT", "LEFT", longest).Result()
		if errors.Is(err, redis.Nil) || ctx.Err() != nil {
			continue
		}
		if err != nil {
			return err
		}
		reply, err := replyTo(task)
		if err != nil {
			return err
		}
		if _, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
			p.LRem(ctx, activeList, 1, task)
			p.Publish(ctx, replyChannel, reply)
			return nil
		}); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// replyTo computes what a task asks for.
func replyTo(task string) (string, error) {
	words := strings.Fields(task)
	if len(words) != 3 {
		return "", fmt.Errorf("a task says %q", task)
	}
	n, err := strconv.Atoi(words[2])
	if err != nil {
		return "", fmt.Errorf("a task says %q: %w", task, err)
	}
	j := job{sum: words[1] == job{sum: true}.function(), n: n}
	return words[0] + " " + j.digits(), nil
}
