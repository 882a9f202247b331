package command

import (
	"log/slog"
	"math"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"numbermill/shared/config"
	worker "numbermill/worker/app"
)

// aboutWorkers is what the help of each command with a worker says of it.
const aboutWorkers = `Small computations run side by side on one thread each; beside them runs one large and one huge one at a time, on all
threads and at a lower priority. SIGUSR1 drains the worker: it takes no more jobs, finishes what runs and lives on until
it is stopped.`

// workerOptions are the flags of a worker.
type workerOptions struct {
	concurrency, threads int
	memory, resultsMax   int64
	calibrate, plain     bool
	drainTimeout         time.Duration
	elastic              elastic
	pagerKey             config.Secret
	pagerURL             string
}

// flags defines them. drainTimeout is the command's default.
func (o *workerOptions) flags(flags *pflag.FlagSet, drainTimeout time.Duration) {
	const most = 1024
	*o = workerOptions{calibrate: true, resultsMax: worker.DefaultResultsMax, drainTimeout: drainTimeout}
	config.Add(flags, &o.concurrency, "concurrency", "how many small computations run at a time; 0 is one a processor", config.Count(0, most))
	config.Add(flags, &o.threads, "threads", "how many processors one larger computation may use; 0 is all", config.Count(0, maxThreads))
	config.Add(flags, &o.memory, "memory-budget", "most memory of all computations together, which wait for it; 0 is 60 % of what there is", config.Size(0, math.MaxInt64))
	config.Add(flags, &o.resultsMax, "results-max", "most bytes of all results together; beyond it the oldest go, the same for every worker", config.Size(1<<20, math.MaxInt64))
	config.Add(flags, &o.calibrate, "calibrate", "measure at the start how fast this machine computes, for estimates", config.Switch())
	config.Add(flags, &o.drainTimeout, "drain-timeout", "how long what runs may take to end after Ctrl-C or SIGTERM", config.Duration(time.Second, math.MaxInt64))
	o.elastic.flags(flags)
	config.AddSecret(flags, &o.pagerKey, "pagerduty-key", "integration key of a service of PagerDuty that is told of anomalies, which are looked for in Elasticsearch", config.Token())
	config.Add(flags, &o.pagerURL, "pagerduty-url", "where PagerDuty takes events, if not at its usual address", config.PageURL())
	config.Add(flags, &o.plain, "plain-asynq", "rely on nothing that Asynq does not promise, and be slower for it", config.Switch())
}

// config returns what the flags say, for a process that is to be a worker: its signals are caught from now on, and it has room for large computations.
func (o *workerOptions) config(retention time.Duration, logger *slog.Logger) worker.Config {
	drain := make(chan os.Signal, 1)
	signal.Notify(drain, syscall.SIGUSR1)
	c := worker.Config{
		Concurrency: orAll(o.concurrency), Threads: orAll(o.threads), Memory: o.memory, Uncalibrated: !o.calibrate, Retention: retention,
		ResultsMax: o.resultsMax, Elasticsearch: o.elastic.url.Reveal(), PagerDutyKey: o.pagerKey.Reveal(), PagerDutyURL: o.pagerURL, PlainAsynq: o.plain, Drain: drain, Logger: logger,
	}
	worker.BoundHeap(c.Memory)
	worker.MakeRoom(c.Threads)
	return c
}

// orAll is n, or as many as there are processors if that is 0.
func orAll(n int) int {
	if n == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return n
}
