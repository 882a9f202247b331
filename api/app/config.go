package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"numbermill/shared/function"
)

// Defaults of a Config.
const (
	DefaultListen        = "127.0.0.1:8080"
	DefaultMaxActiveJobs = 100_000
	DefaultMaxBodyBytes  = 1 << 20
	DefaultRetention     = 7 * 24 * time.Hour
)

// burstSeconds is how many seconds' worth of submissions are taken at once, unless something else is said.
const burstSeconds = 10

// Config says what the API works with. Zero fields have the defaults that are named; the rest must be set.
type Config struct {
	// Listen is the address for everybody, DefaultListen if empty. Port 0 chooses a free one.
	Listen string
	// OperatorListen is a second address for the operator's paths alone; empty for none. Without it they are on Listen if that is a
	// loopback address, else nowhere.
	OperatorListen string
	// AllowedHosts are the host names, without ports, that requests may be made for beside loopback ones.
	AllowedHosts []string

	// RedisURL is where the records and the queue are. It is not needed if Redis is set.
	RedisURL string
	// Redis is an open connection, which stays its owner's to close.
	Redis redis.UniversalClient
	// Results is the folder of the digits.
	Results string
	// Elasticsearch keeps finished jobs for good, and knows how the platform does: a URL that may carry a user and a password; empty for nothing
	// of that.
	Elasticsearch string
	// Web answers the pages; nil for the API alone.
	Web http.Handler

	// Limits bound each computation. All of them must be set.
	Limits function.Limits
	// MaxActiveJobs is how many jobs of one owner may be open, DefaultMaxActiveJobs if zero.
	MaxActiveJobs int
	// RateLimit is how many submitting requests of one owner are taken a second, by all processes on one Redis together; 0 for any number.
	RateLimit int
	// RateBurst is how many of them are taken at once after a pause; as many as in ten seconds if zero.
	RateBurst int
	// MaxBodyBytes is the largest request body, DefaultMaxBodyBytes if zero.
	MaxBodyBytes int64
	// Retention is how long ended jobs are kept, DefaultRetention if zero. The API only tells people; another part deletes.
	Retention time.Duration
	// MonitorWritable lets the operator delete and run tasks in the web monitor.
	MonitorWritable bool

	// Kibana is where people's browsers find Kibana, for the links of jobs to their traces; empty for none.
	Kibana string

	// Metrics is what the process measures, for the operator to read; nil if nobody does.
	Metrics *prometheus.Registry
	// Meters is where the API's measurements go, among them how the queues stand; OpenTelemetry's global provider if nil.
	Meters metric.MeterProvider
	// Logger is slog.Default if nil.
	Logger *slog.Logger
	// Version is the program's, for the log.
	Version string
}

// withDefaults fills in what is not set.
func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	if c.MaxActiveJobs == 0 {
		c.MaxActiveJobs = DefaultMaxActiveJobs
	}
	if c.MaxBodyBytes == 0 {
		c.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if c.RateBurst == 0 {
		c.RateBurst = burstSeconds * c.RateLimit
	}
	if c.Retention == 0 {
		c.Retention = DefaultRetention
	}
	if c.Meters == nil {
		c.Meters = otel.GetMeterProvider()
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// validate names every setting that is wrong.
func (c Config) validate() error {
	errs := []error{
		checkAddress("Listen", c.Listen),
		positive("Limits.CostMillis", c.Limits.CostMillis),
		positive("Limits.Digits", c.Limits.Digits),
		positive("Limits.PeakBytes", c.Limits.PeakBytes),
		positive("MaxActiveJobs", int64(c.MaxActiveJobs)),
		positive("MaxBodyBytes", c.MaxBodyBytes),
		positive("Retention", int64(c.Retention)),
	}
	if c.RateLimit < 0 || c.RateBurst < 0 {
		errs = append(errs, fmt.Errorf("RateLimit is %d and RateBurst %d; they must be 0 or more", c.RateLimit, c.RateBurst))
	}
	if c.OperatorListen != "" {
		errs = append(errs, checkAddress("OperatorListen", c.OperatorListen))
	}
	if c.Redis == nil && c.RedisURL == "" {
		errs = append(errs, missing("RedisURL", "it says where Redis is, such as redis://127.0.0.1:6379/0"))
	}
	if c.Results == "" {
		errs = append(errs, missing("Results", "it names the folder of the digits"))
	}
	for _, host := range c.AllowedHosts {
		errs = append(errs, checkHost(host))
	}
	return errors.Join(errs...)
}

func missing(setting, what string) error { return fmt.Errorf("%s is empty; %s", setting, what) }

func positive(setting string, value int64) error {
	if value > 0 {
		return nil
	}
	return fmt.Errorf("%s is %d; it must be more than 0", setting, value)
}

func checkAddress(setting, address string) error {
	if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
		return fmt.Errorf("%s is %q; write HOST:PORT, such as %s", setting, address, DefaultListen)
	}
	return nil
}

func checkHost(host string) error {
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsValid() {
		return nil
	}
	if host == "" || strings.ContainsAny(host, ":/?#[]@* \t") {
		return fmt.Errorf("AllowedHosts has %q; write a host name without scheme and port, such as numbermill.example", host)
	}
	return nil
}
