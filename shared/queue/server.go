package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"numbermill/shared/job"
	"numbermill/shared/queue/internal/layout"
	"numbermill/shared/queue/internal/room"
	"numbermill/shared/store"
)

const (
	// smallInterval is how often idle places for small work ask for some where the fast ways are off: half of it is what an idle job waits on
	// average. Those for larger work, which takes much longer than that, ask less often.
	smallInterval = 20 * time.Millisecond
	otherInterval = 100 * time.Millisecond
	// delayedInterval is how often tasks that wait for their retry are looked through; delayedHold, a little less, is for how long the servers of a
	// process take it that there are none after one has found so.
	delayedInterval = time.Second
	delayedHold     = 900 * time.Millisecond
	// tidyInterval is how often delivered tasks are looked through whose time in the web monitor is over.
	tidyInterval = time.Minute
	// abortAfter is what is left to handlers when they have been told to stop.
	abortAfter = 2 * time.Second
)

// Handler carries out a run. With nil the task is done, whatever became of the job; ErrReleased and *RetryError bring it back. The summary is
// for the web monitor, and written for tasks that stay visible there.
type Handler func(ctx context.Context, r store.Run) (summary string, err error)

// ErrReleased says that the run was given back unfinished: somebody else is to take it, at once.
var ErrReleased = errors.New("the run was given back")

// RetryError says that the run is to be delivered again after a delay.
type RetryError struct {
	After time.Duration
	Err   error
}

// Error is the text of the cause, which the web monitor shows.
func (e *RetryError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RetryError) Unwrap() error { return e.Err }

// BusyError says that the run cannot be taken now, since the process runs something that has to be alone: it is delivered again after a
// delay, of whole seconds, which is not counted as a failure.
type BusyError struct{ After time.Duration }

// Error says so, for the web monitor.
func (e *BusyError) Error() string { return "the worker runs something else alone" }

// ServerOptions are how runs are served.
type ServerOptions struct {
	// Places are how many runs of a class are under way at a time: one where there is no entry, none of a class with 0.
	Places map[job.Class]int
	// Logger gets Asynq's warnings.
	Logger *slog.Logger
	// Client is one whose self-test decides whether the server takes the fast ways too; nil keeps it to plain Asynq.
	Client *Client
	// Plain keeps the server to plain Asynq whatever the client does.
	Plain bool
	// Room is asked before runs of a class are fetched how many more are wanted at the moment; nil for as many as have a place. With none the
	// server waits for Nudge, or 50 ms. Plain Asynq does not ask.
	Room func(c job.Class) int
	// AtOnce is given small runs as they are taken out of their queues for the first time, before any place is theirs, and carries out those that
	// take hardly longer than to hand them over; nil for none. What it returns is called once, unless it is nil, publishes their results, and tells
	// which are done, with their deliveries ended by Run.Ends. The handler gets the others, which stand as if they had not been given. Plain Asynq
	// knows no such thing.
	AtOnce func(ctx context.Context, runs []store.Run) (publish func() (done []bool))
}

// Server hands queued runs to a handler. Each class has places of its own, so that none waits for another.
type Server struct {
	classes []served
	handle  Handler
}

// served is one class's part of a server.
type served struct {
	server *asynq.Server
	feeder *layout.Feeder // nil where all goes by plain Asynq for good
	client *Client        // whose self-test the feeder goes by
}

// NewServer returns a server on a connection that the caller keeps and closes. What it writes goes through on a full Redis too: what was
// accepted is carried out. It fails if no class has a place.
func NewServer(rdb redis.UniversalClient, o ServerOptions, handle Handler) (*Server, error) {
	s := &Server{handle: handle}
	delayed := layout.NewDelayed(rdb, names, delayedHold)
	for _, c := range job.Classes() {
		places, ok := o.Places[c]
		if !ok {
			places = 1
		}
		if places > 0 {
			s.classes = append(s.classes, newServed(rdb, c, places, o, delayed))
		}
	}
	if len(s.classes) == 0 {
		return nil, errors.New("queue server: no class has a place")
	}
	return s, nil
}

// newServed serves the queues of one class.
func newServed(rdb redis.UniversalClient, c job.Class, places int, o ServerOptions, delayed *layout.Delayed) served {
	interval := otherInterval
	if c == job.Small {
		interval = smallInterval
	}
	queues := map[string]int{}
	for p, weight := range weights {
		queues[Name(c, p)] = weight
	}
	config := asynq.Config{
		Concurrency: places, Queues: queues,
		TaskCheckInterval: interval, DelayedTaskCheckInterval: delayedInterval, ShutdownTimeout: abortAfter,
		JanitorInterval: tidyInterval, RetryDelayFunc: retryDelay, IsFailure: isFailure,
		Logger: asynqLogger{o.Logger}, LogLevel: asynq.WarnLevel,
	}
	conn := room.On(rdb)
	base, ok := rdb.(*redis.Client) // several queues at once are beyond a cluster
	if !ok || o.Client == nil || o.Plain || o.Client.plain || !layout.Pinned() {
		return served{server: asynq.NewServerFromRedisClient(conn, config)}
	}
	options := layout.FeederOptions{
		Queues: queues, Places: places, Interval: interval, On: o.Client.fast.Load, Delayed: delayed, Logger: o.Logger,
		Park: parkOf(Name(c, "")),
	}
	if o.Room != nil {
		options.Room = func() int { return o.Room(c) }
	}
	if o.AtOnce != nil && c == job.Small {
		options.AtOnce = func(ctx context.Context, tasks []layout.Task) func() []bool { return atOnce(ctx, tasks, o) }
	}
	feeder := layout.NewFeeder(conn, base, options)
	config.TaskCheckInterval = layout.PollInterval
	return served{asynq.NewServerFromRedisClient(feeder, config), feeder, o.Client}
}

// Start begins to take runs from the queues.
func (s *Server) Start() error {
	for _, c := range s.classes {
		if err := c.server.Start(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
			defer c.ended()
			return c.process(ctx, t, s.handle)
		})); err != nil {
			s.Shutdown()
			return fmt.Errorf("start queue server: %w", err)
		}
	}
	return nil
}

// Nudge says that there may be room where ServerOptions.Room had none. It is cheap and never blocks.
func (s *Server) Nudge() {
	for _, c := range s.classes {
		if c.feeder != nil {
			c.feeder.Nudge()
		}
	}
}

// StopFetching takes no more runs; those under way go on.
func (s *Server) StopFetching() { s.each(served.stop) }

// Shutdown ends the server. Handlers should have ended: one that has not loses its task to the queue after two seconds.
func (s *Server) Shutdown() {
	s.each(func(c served) {
		c.stop()
		c.server.Shutdown()
	})
}

func (s *Server) each(do func(served)) {
	var all sync.WaitGroup
	for _, c := range s.classes {
		all.Go(func() { do(c) })
	}
	all.Wait()
}

func (c served) stop() {
	if c.feeder == nil {
		c.server.Stop()
		return
	}
	c.feeder.Stop() // or Asynq would wait for a fetch that waits
	c.server.Stop()
	c.feeder.GiveBack(context.Background())
}

func (c served) ended() {
	if c.feeder != nil {
		c.feeder.Ended()
	}
}

// delivery adds to a run what is known of its delivery where the fast ways are on.
func (c served) delivery(r *store.Run, id string, keep bool) {
	if c.feeder == nil || !c.client.fast.Load() {
		return
	}
	r.FirstQueued = c.feeder.FirstQueued(id)
	if keep {
		return // Asynq keeps it in a way of its own
	}
	r.Ends = func(string) store.Errand {
		end := layout.Ending(r.Queue, id, time.Now())
		return store.Errand{Source: c.client.scripts.Done, Keys: end.Keys, Args: end.Args, After: func(ran bool, _ error) {
			if ran {
				c.feeder.Over(id)
			}
		}}
	}
}

// atOnce has the runs of tasks carried out that can be.
func atOnce(ctx context.Context, tasks []layout.Task, o ServerOptions) (publish func() (done []bool)) {
	runs, places := make([]store.Run, 0, len(tasks)), make([]int, 0, len(tasks))
	for i, t := range tasks {
		r, _, err := runOf(t.Payload, t.Headers, t.Queue)
		if err != nil || t.Type != taskType {
			continue // whoever is handed it says why
		}
		r.FirstQueued, r.Ends = t.Queued, func(summary string) store.Errand {
			source, end := o.Client.scripts.Ending(t, string(oneLine(summary)), time.Now())
			return store.Errand{Source: source, Keys: end.Keys, Args: end.Args}
		}
		runs, places = append(runs, r), append(places, i)
	}
	if len(runs) == 0 {
		return nil
	}
	tell := o.AtOnce(ctx, runs)
	if tell == nil {
		return nil
	}
	return func() (done []bool) {
		done = make([]bool, len(tasks))
		for k, ok := range tell() {
			done[places[k]] = ok
		}
		return done
	}
}

func (c served) process(ctx context.Context, t *asynq.Task, handle Handler) error {
	r, keep, err := decode(ctx, t)
	if err != nil {
		return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
	}
	c.delivery(&r, t.ResultWriter().TaskID(), keep)
	summary, err := handle(ctx, r)
	if err == nil && keep && summary != "" {
		if _, err := t.ResultWriter().Write(oneLine(summary)); err != nil {
			// The summary is for the web monitor only; the job has its own record.
			return nil //nolint:nilerr // the run is done all the same
		}
	}
	return err
}

// retryDelay brings released and lost runs back at once, failed ones after the delay that their handler chose.
func retryDelay(n int, err error, t *asynq.Task) time.Duration {
	if retry, ok := errors.AsType[*RetryError](err); ok {
		return retry.After
	}
	if busy, ok := errors.AsType[*BusyError](err); ok {
		return busy.After
	}
	if !isFailure(err) {
		return 0
	}
	return asynq.DefaultRetryDelayFunc(n, err, t)
}

func isFailure(err error) bool {
	if _, busy := errors.AsType[*BusyError](err); busy {
		return false
	}
	return !errors.Is(err, ErrReleased) && !errors.Is(err, asynq.ErrLeaseExpired) && !errors.Is(err, context.Canceled)
}
