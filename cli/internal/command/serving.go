package command

import (
	"log/slog"
	"math"
	"time"

	"github.com/spf13/pflag"

	api "numbermill/api/app"
	"numbermill/cli/internal/version"
	"numbermill/frontend"
	"numbermill/shared/config"
	"numbermill/shared/function"
)

// The defaults of what one computation may take.
const (
	defaultMaxCost   = 30 * time.Minute
	defaultMaxDigits = 1_000_000_000
	defaultMaxMemory = 8 << 30 // 10^9 digits take about half of it
	mostRate         = 1_000_000
)

// apiOptions are the flags of the API.
type apiOptions struct {
	listen, operator string
	hosts            []string
	maxCost          time.Duration
	maxDigits        int64
	maxMemory        int64
	maxActive        int
	maxBody          int64
	rate, burst      int
	monitorWritable  bool
	kibana           string
}

func (o *apiOptions) flags(flags *pflag.FlagSet) {
	*o = apiOptions{
		listen: api.DefaultListen, maxCost: defaultMaxCost, maxDigits: defaultMaxDigits, maxMemory: defaultMaxMemory,
		maxActive: api.DefaultMaxActiveJobs, maxBody: api.DefaultMaxBodyBytes,
	}
	config.Add(flags, &o.listen, "listen", "where to answer; port 0 is any free one", config.Address())
	config.Add(flags, &o.operator, "operator-listen", "where to answer the operator's paths, such as /monitor/ and /metrics; without it they are on --listen if that is loopback", config.Address())
	config.Add(flags, &o.hosts, "allowed-host", "names that requests may be made for, beside loopback ones", config.Hosts())
	config.Add(flags, &o.maxCost, "max-cost", "most processor time of one computation", config.Duration(time.Millisecond, math.MaxInt64))
	config.Add(flags, &o.maxDigits, "max-digits", "most digits of one result", config.Count[int64](1, math.MaxInt64))
	config.Add(flags, &o.maxMemory, "max-memory", "most memory of one computation", config.Size(1<<20, math.MaxInt64))
	config.Add(flags, &o.maxActive, "max-active-jobs", "most jobs of one owner that have not ended", config.Count(1, math.MaxInt))
	config.Add(flags, &o.rate, "rate-limit", "most requests a second of one owner that submit work, by all APIs together; 0 is any number", config.Count(0, mostRate))
	config.Add(flags, &o.burst, "rate-burst", "most such requests at once, after a pause; 0 is as many as in ten seconds", config.Count(0, mostRate))
	config.Add(flags, &o.maxBody, "max-body", "largest request body, batches aside", config.Size(1<<10, 1<<30))
	config.Add(flags, &o.kibana, "kibana", "where people's browsers find Kibana, so that jobs link to their traces and log lines", config.PageURL())
	config.Add(flags, &o.monitorWritable, "monitor-writable", "let the operator delete and run tasks in the web monitor", config.Switch())
}

// config returns what the flags say.
func (o *apiOptions) config(retention time.Duration, telling *telling, logger *slog.Logger) api.Config {
	return api.Config{
		Listen: o.listen, OperatorListen: o.operator, AllowedHosts: o.hosts,
		Limits:        function.Limits{CostMillis: o.maxCost.Milliseconds(), Digits: o.maxDigits, PeakBytes: o.maxMemory},
		MaxActiveJobs: o.maxActive, RateLimit: o.rate, RateBurst: o.burst, MaxBodyBytes: o.maxBody, Retention: retention,
		MonitorWritable: o.monitorWritable, Kibana: o.kibana, Web: frontend.HandlerFor(taskNames()), Metrics: telling.metrics, Logger: logger, Version: version.String(),
	}
}

// taskNames are the functions that have a page.
func taskNames() []string {
	var names []string
	for _, f := range function.All() {
		names = append(names, f.Name)
	}
	return names
}

// addRetention defines the flag that the API and the workers must agree on.
func addRetention(flags *pflag.FlagSet, to *time.Duration) {
	*to = api.DefaultRetention
	config.Add(flags, to, "retention", "how long ended jobs and their digits are kept", config.Duration(time.Minute, math.MaxInt64))
}

// place is where the parts of a Numbermill of several processes meet.
type place struct {
	redis   config.Secret
	results string
}

const defaultRedis = "redis://127.0.0.1:6379/0"

func (p *place) flags(flags *pflag.FlagSet) {
	p.redis = defaultRedis
	config.AddSecret(flags, &p.redis, "redis", "where Redis is; "+defaultRedis+" if nothing is said", config.RedisURL())
	config.Add(flags, &p.results, "results", "folder of the digits, the same for the API and every worker", config.Path("DIR"))
}
