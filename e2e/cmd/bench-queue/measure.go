package main

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// group is measures that are taken together, in one life of a system.
type group struct {
	name     string
	rounds   int
	measures []measure
	once     func(context.Context, *life) ([]float64, error)
}

// The measures by what they are called in the results.
const (
	idleMedian    = "idle: submit to result, p50"
	idleTail      = "idle: submit to result, p99"
	idleCommands  = "idle: Redis commands a second"
	idleShare     = "idle: CPU of API and worker"
	freshFew      = "fresh jobs a second, 16 connections"
	storedGets    = "stored: GET a second, 16 connections"
	storedPosts   = "stored: POST a second, 16 connections"
	freshMany     = "fresh jobs a second, 64 connections"
	costAll       = "CPU a job at 64: API, Redis and worker"
	costAPI       = "CPU a job at 64: API"
	costRedis     = "CPU a job at 64: Redis"
	costWorker    = "CPU a job at 64: worker"
	jobCommands   = "Redis commands a job at 64"
	jobScripts    = "of them calls of scripts"
	jobReads      = "Redis' reads of sockets a job at 64"
	batchAccepted = "batch: until accepted"
	batchDone     = "batch: until all done"
)

func (b *bench) groups() []group {
	return []group{
		{"idle", b.plan.rounds, []measure{
			{idleMedian, milliseconds},
			{idleTail, milliseconds},
			{idleCommands, perSecond},
			{idleShare, share},
		}, idle},
		{"16 connections", b.plan.rounds, []measure{{freshFew, perSecond}, {storedGets, perSecond}, {storedPosts, perSecond}}, few},
		{"64 connections", b.plan.rounds, []measure{
			{freshMany, perSecond},
			{costAll, microseconds},
			{costAPI, microseconds},
			{costRedis, microseconds},
			{costWorker, microseconds},
			{jobCommands, count},
			{jobScripts, count},
			{jobReads, count},
		}, many},
		{"batch", b.plan.batchRounds, []measure{{batchAccepted, seconds}, {batchDone, seconds}}, batch},
	}
}

// idle looks at a system that has nothing to do, and then sends it one job at a time.
func idle(ctx context.Context, l *life) ([]float64, error) {
	if err := l.warm(ctx, 1); err != nil {
		return nil, err
	}
	if err := pause(ctx, l.bench.plan.settle); err != nil {
		return nil, err
	}
	commands, used, err := l.still(ctx)
	if err != nil {
		return nil, err
	}
	c, err := l.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer c.close()
	took, from := make([]float64, 0, l.bench.plan.samples), measured()
	for len(took) < l.bench.plan.samples {
		const least, most = 7, 47 // so that no clock of a system is in step with ours
		if err := pause(ctx, time.Duration((least+(most-least)*l.bench.random.Float64())*float64(time.Millisecond))); err != nil {
			return nil, err
		}
		j, _ := from.take() // there are thousands
		began := time.Now()
		if _, err := c.fresh(ctx, j); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began).Seconds())
	}
	slices.Sort(took)
	return []float64{took[len(took)/2], took[len(took)*99/100], commands, used}, nil
}

// still returns how many commands a second Redis gets when nobody asks for anything, and what share of a processor the processes use.
func (l *life) still(ctx context.Context) (commands, used float64, err error) {
	before, err := l.bench.redis.info(ctx)
	if err != nil {
		return 0, 0, err
	}
	times, began := l.processorTimes(), time.Now()
	if err := pause(ctx, l.bench.plan.still); err != nil {
		return 0, 0, err
	}
	after, err := l.bench.redis.info(ctx)
	if err != nil {
		return 0, 0, err
	}
	now, took := l.processorTimes(), time.Since(began).Seconds()
	for as := range l.roles {
		used += (now[as] - times[as]).Seconds()
	}
	return workBetween(before, after).commands / took, used / took, nil
}

// few has fresh jobs done over a few connections, and then asks for what is known.
func few(ctx context.Context, l *life) ([]float64, error) {
	if err := l.warm(ctx, fewConnections); err != nil {
		return nil, err
	}
	fresh, _, err := l.load(ctx, fewConnections, freshFrom(measured()))
	if err != nil {
		return nil, err
	}
	known, ids, err := l.know(ctx)
	if err != nil {
		return nil, err
	}
	var next atomic.Int64
	gets, err := offered(l.load(ctx, fewConnections, func(ctx context.Context, c caller) (bool, error) {
		return true, c.get(ctx, ids[int(next.Add(1))%len(ids)])
	}))
	if err != nil {
		return nil, err
	}
	posts, err := offered(l.load(ctx, fewConnections, func(ctx context.Context, c caller) (bool, error) {
		return true, c.again(ctx, known[int(next.Add(1))%len(known)])
	}))
	return []float64{fresh, gets, posts}, err
}

// know has some jobs done that are asked for again.
func (l *life) know(ctx context.Context) (known []job, ids []string, err error) {
	c, err := l.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer c.close()
	from := &jobs{low: 9000, high: 9064}
	for j, ok := from.take(); ok; j, ok = from.take() {
		id, err := c.fresh(ctx, j)
		if err != nil {
			return nil, nil, err
		}
		known, ids = append(known, j), append(ids, id)
	}
	return known, ids, nil
}

// offered makes NaN of a rate that a system has nothing to show for.
func offered(rate float64, _ int, err error) (float64, error) {
	if errors.Is(err, errNotOffered) {
		return math.NaN(), nil
	}
	return rate, err
}

// many has fresh jobs done over many connections, and sees what that costs.
func many(ctx context.Context, l *life) ([]float64, error) {
	if err := l.warm(ctx, manyConnections); err != nil {
		return nil, err
	}
	before, err := l.bench.redis.info(ctx)
	if err != nil {
		return nil, err
	}
	times := l.processorTimes()
	rate, jobs, err := l.load(ctx, manyConnections, freshFrom(measured()))
	if err != nil {
		return nil, err
	}
	now := l.processorTimes()
	after, err := l.bench.redis.info(ctx)
	if err != nil {
		return nil, err
	}
	n := float64(jobs)
	cost := func(as role) float64 {
		if _, ok := now[as]; !ok {
			return math.NaN()
		}
		return (now[as] - times[as]).Seconds() / n
	}
	all := 0.0
	for as := range now {
		all += cost(as)
	}
	w := workBetween(before, after)
	return []float64{rate, all, cost(api), cost(redisRole), cost(worker), w.commands / n, w.scripts / n, w.reads / n}, nil
}

// batch has many jobs done that are submitted at once.
func batch(ctx context.Context, l *life) ([]float64, error) {
	if err := l.warm(ctx, fewConnections); err != nil {
		return nil, err
	}
	from, all := measured(), make([]job, l.bench.plan.batch)
	for i := range all {
		all[i], _ = from.take() // there are more than may be in a batch
	}
	accepted, done, err := l.batch(ctx, all)
	return []float64{accepted.Seconds(), done.Seconds()}, err
}
