// Package app is the API as a part to start and stop: it opens what the server needs, listens, and takes it all down in reverse.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/api/internal/server"
	"numbermill/shared/history"
	"numbermill/shared/queue"
	"numbermill/shared/result"
	"numbermill/shared/store"
)

// Limits of a connection. A request's body and answer have their own, which do not end long polls and downloads.
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
)

// App is one API process, or the API's part of one. Its methods are safe for concurrent use; Start and Stop are called once each.
type App struct {
	logger  *slog.Logger
	server  *server.Server
	watcher *store.Watcher
	fleet   *server.Fleet
	tasks   *queue.Client

	main, operator *listener
	failed         chan error

	background sync.WaitGroup
	cancel     context.CancelFunc
	closers    []closer
}

// listener is an address with what answers on it.
type listener struct {
	net.Listener
	http *http.Server
}

// closer is something to take down, by name.
type closer struct {
	name  string
	close func() error
}

// New opens the listeners and everything that the API works with. It does not wait for Redis: a server that cannot reach it yet answers
// so, and goes on when it can. Stop must be called, also without a Start.
func New(ctx context.Context, c Config) (*App, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	a := &App{logger: c.Logger, failed: make(chan error, 2)}
	if err := a.open(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("api: %w", err), a.close())
	}
	return a, nil
}

// open wires everything, and registers how it is closed where it is opened.
func (a *App) open(ctx context.Context, c Config) error {
	rdb, err := a.dial(c)
	if err != nil {
		return err
	}
	results, err := result.Open(ctx, c.Results)
	if err != nil {
		return err
	}
	a.onClose("result store", results.Close)
	main, err := a.listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	var operator net.Listener
	if c.OperatorListen != "" {
		if operator, err = a.listen(ctx, c.OperatorListen); err != nil {
			return err
		}
	}
	past, err := a.openHistory(c)
	if err != nil {
		return err
	}
	records := store.New(rdb).Keeping(c.Retention)
	a.tasks = queue.New(rdb)
	a.watcher, a.fleet = store.NewWatcher(records, c.Logger), server.NewFleet(records, a.tasks, c.Logger)
	a.server = server.New(server.Options{
		Records: records, Watcher: a.watcher, Fleet: a.fleet, Queue: a.tasks, Results: results, Redis: rdb, History: past,
		Web: c.Web, Monitor: a.openMonitor(ctx, rdb, !c.MonitorWritable),
		Limits: c.Limits, MaxActive: c.MaxActiveJobs, MaxBody: c.MaxBodyBytes, Retention: c.Retention,
		AllowedHosts: c.AllowedHosts, Rate: server.Rate{PerSecond: c.RateLimit, Burst: c.RateBurst}, Version: c.Version, Logger: c.Logger,
		Metrics: metricsHandler(c), Meters: c.Meters, Kibana: c.Kibana,
	})
	if err := a.measureQueues(c, records); err != nil {
		return err
	}
	a.main = a.serving(main, a.server.Handler(isLoopback(main)))
	if operator != nil {
		a.operator = a.serving(operator, a.server.OperatorHandler())
	}
	if !isLoopback(main) && len(c.AllowedHosts) == 0 {
		c.Logger.WarnContext(ctx, "only loopback hosts are served; name the others in the allowed hosts", slog.String("address", main.Addr().String()))
	}
	c.Logger.InfoContext(ctx, "api opened", slog.String("address", main.Addr().String()),
		slog.String("operator_address", a.OperatorAddr()), slog.String("version", c.Version))
	return nil
}

func (a *App) dial(c Config) (redis.UniversalClient, error) {
	if c.Redis != nil {
		return c.Redis, nil
	}
	rdb, err := store.Dial(c.RedisURL)
	if err != nil {
		return nil, fmt.Errorf("RedisURL: %w", err)
	}
	a.onClose("redis", rdb.Close)
	return rdb, nil
}

// openHistory returns nil if there is to be none.
func (a *App) openHistory(c Config) (server.History, error) {
	if c.Elasticsearch == "" {
		return nil, nil //nolint:nilnil // no history is what was asked for
	}
	h, err := history.Open(history.Config{URL: c.Elasticsearch})
	if err != nil {
		return nil, fmt.Errorf("the setting Elasticsearch: %w", err)
	}
	a.onClose("history", func() error {
		h.Close()
		return nil
	})
	return h, nil
}

func (a *App) listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	a.onClose("listener", func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil // the http.Server has closed it
	})
	return l, nil
}

// openMonitor returns nil where there can be no web monitor, which is no reason not to serve.
func (a *App) openMonitor(ctx context.Context, rdb redis.UniversalClient, readOnly bool) http.Handler {
	h, c, err := queue.Monitor(rdb, server.MonitorPath, readOnly)
	if err != nil {
		a.logger.WarnContext(ctx, "no web monitor", slog.Any("error", err))
		return nil
	}
	a.onClose("web monitor", c.Close)
	return h
}

func (a *App) serving(l net.Listener, h http.Handler) *listener {
	return &listener{l, &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(a.logger.Handler(), slog.LevelWarn),
	}}
}

func isLoopback(l net.Listener) bool {
	a, ok := l.Addr().(*net.TCPAddr)
	return ok && a.IP.IsLoopback()
}

// Addr is the address for everybody, with the port that was chosen.
func (a *App) Addr() string { return a.main.Addr().String() }

// OperatorAddr is the operator's address, or empty if there is none of its own.
func (a *App) OperatorAddr() string {
	if a.operator == nil {
		return ""
	}
	return a.operator.Addr().String()
}

// Start begins to answer, and returns at once. Failed tells if that ends before Stop.
func (a *App) Start() error {
	a.start(context.Background())
	return nil
}

func (a *App) start(ctx context.Context) {
	ctx, a.cancel = context.WithCancel(ctx)
	a.background.Go(func() { a.watcher.Run(ctx) })
	a.background.Go(func() { a.fleet.Run(ctx) })
	a.background.Go(func() { _ = a.tasks.SelfTest(ctx, a.logger) }) // it logs; without it all goes by plain Asynq
	for _, l := range a.listeners() {
		a.background.Go(func() {
			if err := l.http.Serve(l.Listener); !errors.Is(err, http.ErrServerClosed) {
				a.failed <- fmt.Errorf("serve %s: %w", l.Addr(), err)
			}
		})
	}
}

// Withdraw makes /readyz say no, so that a balancer sends its requests elsewhere, while everything is still answered.
func (a *App) Withdraw() { a.server.Withdraw() }

// Failed receives an error if a listener stops answering by itself.
func (a *App) Failed() <-chan error { return a.failed }

// Run starts, serves until the context ends or serving fails, and stops; requests then have grace to end.
func (a *App) Run(ctx context.Context, grace time.Duration) error {
	lasting := context.WithoutCancel(ctx)
	a.start(lasting)
	var err error
	select {
	case <-ctx.Done():
	case err = <-a.failed:
	}
	stopping, cancel := context.WithTimeout(lasting, grace)
	defer cancel()
	return errors.Join(err, a.Stop(stopping))
}

// Stop accepts nothing more, ends long polls early with a normal answer, waits for the requests under way until the context ends, and
// closes what New opened.
func (a *App) Stop(ctx context.Context) error {
	a.server.Drain()
	var errs []error
	for _, l := range a.listeners() {
		if err := l.http.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("api: requests broken off: %w", err), l.http.Close())
		}
	}
	if a.cancel != nil {
		a.cancel()
	}
	a.background.Wait()
	return errors.Join(append(errs, a.close())...)
}

func (a *App) listeners() []*listener {
	if a.operator == nil {
		return []*listener{a.main}
	}
	return []*listener{a.main, a.operator}
}

func (a *App) onClose(name string, f func() error) { a.closers = append(a.closers, closer{name, f}) }

// close takes everything down in reverse.
func (a *App) close() error {
	var errs []error
	for _, c := range slices.Backward(a.closers) {
		if err := c.close(); err != nil {
			errs = append(errs, fmt.Errorf("api: close %s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}
