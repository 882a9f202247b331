package layout

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrUnexpected says that Asynq does not work as this package takes it to.
var ErrUnexpected = errors.New("not as in Asynq " + Version)

const (
	module = "github.com/hibiken/asynq"
	// trialTime bounds one trial, which takes some 20 ms.
	trialTime = 5 * time.Second
	// cleanTime bounds the removal of what a test leaves.
	cleanTime = 3 * time.Second
)

// Verify tries everything of this package on a queue of its own, with a server and the inspector of Asynq, and removes the queue. It returns the
// scripts that Asynq was seen to send. What fails twice while Redis answers is ErrUnexpected; any other error means that Redis did not answer, or
// that the context has ended.
func Verify(ctx context.Context, rdb redis.UniversalClient) (seen Scripts, err error) {
	if err := pinned(); err != nil {
		return Scripts{}, err
	}
	for range 2 { // Redis may have restarted, or lost its data, in the midst of the first
		if seen, err = try(ctx, rdb); err == nil {
			return seen, nil
		}
		if !answers(ctx, rdb) {
			return Scripts{}, fmt.Errorf("try out Asynq: %w", err)
		}
	}
	return Scripts{}, fmt.Errorf("try out Asynq: %w: %w", ErrUnexpected, err)
}

// try makes one trial.
func try(ctx context.Context, rdb redis.UniversalClient) (seen Scripts, err error) {
	ctx, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	if err := sweep(ctx, rdb); err != nil {
		return Scripts{}, err
	}
	conn, release := own(rdb)
	defer release()
	t, err := newTrial(ctx, conn)
	if err != nil {
		return Scripts{}, err
	}
	defer func() {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
		defer cancel()
		err = errors.Join(err, remove(clean, rdb, t.queue))
	}()
	err = t.run()
	return t.scripts, err
}

// answers tells whether Redis does, and somebody still waits for it.
func answers(ctx context.Context, rdb redis.UniversalClient) bool {
	if errors.Is(ctx.Err(), context.Canceled) {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	return rdb.Ping(ctx).Err() == nil
}

// Pinned tells whether the release of Asynq that was built in is the expected one, as far as the build tells.
func Pinned() bool { return pinned() == nil }

// pinned compares the release that was built in. Some builds do not tell; then only what it does counts.
func pinned() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, m := range info.Deps {
		if m.Path == module && (m.Replace != nil || m.Version != Version) {
			return fmt.Errorf("%w: it is %s, or something in its place", ErrUnexpected, m.Version)
		}
	}
	return nil
}

// own opens connections that try nothing twice, so that a trial ends soon after its context: Asynq itself knows no context, and one of its
// goroutines panics if connections are closed under it. A client of an unusual kind is used as it is.
func own(rdb redis.UniversalClient) (redis.UniversalClient, func()) {
	client, ok := rdb.(*redis.Client)
	if !ok {
		return rdb, func() {}
	}
	options := *client.Options()
	options.MaxRetries = -1
	conn := redis.NewClient(&options)
	return conn, func() { _ = conn.Close() }
}
