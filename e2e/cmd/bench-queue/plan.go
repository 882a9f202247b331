package main

import "time"

// mostRounds bounds what can be asked for.
const mostRounds = 100

// plan is how much is measured.
type plan struct {
	rounds      int           // in each of them every system has its turn at everything
	batchRounds int           // the first of them, in which there are batches too
	load        time.Duration // of one turn over several connections
	settle      time.Duration // before that, until what follows the last jobs is done
	still       time.Duration // in which nothing is asked for
	samples     int           // jobs of one turn on one connection, with pauses between
	batch       int           // jobs of a batch
	warm        time.Duration // before each turn
	profiles    int           // lives in which our processes are profiled
	quiet       time.Duration // how long to wait for the machine to be quiet before the first round
	calm        time.Duration // the same before each turn
}

var (
	fullPlan = plan{
		rounds: 5, batchRounds: 3, load: 2 * time.Second, settle: 1500 * time.Millisecond, still: 5 * time.Second, samples: 200, batch: 10_000,
		warm: 1500 * time.Millisecond, profiles: 3, quiet: 2 * time.Minute, calm: time.Second,
	}
	quickPlan = plan{
		rounds: 1, batchRounds: 1, load: time.Second, settle: time.Second, still: 2 * time.Second, samples: 60, batch: 1000,
		warm: 400 * time.Millisecond, profiles: 1, quiet: 5 * time.Second,
	}
)

// How many connections there are under load.
const (
	fewConnections  = 16
	manyConnections = 64
)
