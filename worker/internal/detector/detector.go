// Package detector finds by itself what is unusual about the platform: once a minute it compares the last complete minutes of some series in
// Elasticsearch with what was usual at that time of day, and writes what it finds to a data stream, where dashboards and alerts see it.
// It remembers nothing itself: what it knows of the past is what it wrote, so that any worker can go on where another was killed.
package detector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
)

const (
	interval  = time.Minute
	leaseName = "detector"
	leaseTime = 150 * time.Second
	// lag is what documents are given to arrive.
	lag = time.Minute
	// mostBehind is how many minutes are made up for after a pause.
	mostBehind = 10
	// passTimeout bounds one look at all series.
	passTimeout = 50 * time.Second
	// remember is how far back incidents are looked for.
	remember = 24 * time.Hour
)

// Config says what a Detector works with. All but Notify is needed.
type Config struct {
	Elastic *elasticsearch.Client
	// Lease tells whether this process is the one that looks.
	Lease func(ctx context.Context, name string, ttl time.Duration) (held bool, err error)
	// Notify is told of incidents; nil if nobody is.
	Notify Notifier
	Logger *slog.Logger
}

// Detector looks for anomalies. Run it in every worker: one at a time looks.
type Detector struct {
	elastic elastic
	lease   func(ctx context.Context, name string, ttl time.Duration) (bool, error)
	notify  Notifier
	logger  *slog.Logger
	series  []Series
}

// New returns a detector that does nothing before Run.
func New(c Config) *Detector {
	return &Detector{elastic: elastic{c.Elastic, Stream}, lease: c.Lease, notify: c.Notify, logger: c.Logger, series: All()}
}

// Run looks once a minute until the context ends. What fails is logged, and made up for later.
func (d *Detector) Run(ctx context.Context) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := d.pass(ctx); err != nil && ctx.Err() == nil {
			d.logger.WarnContext(ctx, "anomalies not looked for", slog.Any("error", err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// pass looks at all series, if it is this process's turn. What fails does not keep the others from being looked at.
func (d *Detector) pass(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, passTimeout)
	defer cancel()
	held, err := d.lease(ctx, leaseName, leaseTime)
	if err != nil || !held {
		return err
	}
	return d.Look(ctx, time.Now())
}

// Look judges the minutes that were complete at a time and have not been judged.
func (d *Detector) Look(ctx context.Context, now time.Time) error {
	latest := now.Add(-lag).Truncate(time.Minute).Add(-time.Minute).UTC()
	var errs []error
	for _, s := range d.series {
		if err := d.look(ctx, s, latest); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.Name, err))
		}
	}
	return errors.Join(errs...)
}

// look judges the minutes of a series up to the latest.
func (d *Detector) look(ctx context.Context, s Series, latest time.Time) error {
	lately := span{latest.Add(-remember), latest.Add(time.Minute)}
	points, err := d.elastic.past(ctx, s.Name, "kind:point", []span{{latest.Add(-2 * mostBehind * time.Minute), lately.to}}, 2*mostBehind)
	if err != nil {
		return err
	}
	events, err := d.elastic.past(ctx, s.Name, "kind:event", []span{lately}, 1)
	if err != nil {
		return err
	}
	from := latest
	if len(points) > 0 {
		if !points[0].At.Before(latest) {
			return nil
		}
		from = points[0].At.Add(time.Minute)
		if oldest := latest.Add(-(mostBehind - 1) * time.Minute); from.Before(oldest) {
			from = oldest
		}
	}
	begin, known, err := d.elastic.since(ctx, s.Index, latest.AddDate(0, 0, -seasonDays-1))
	if err != nil || !known {
		return err
	}
	now, err := d.elastic.values(ctx, s, []span{{from, latest.Add(time.Minute)}})
	if err != nil {
		return err
	}
	c := course{detector: d, series: s, begin: begin}
	for _, p := range points {
		if p.Flagged {
			c.flagged = append(c.flagged, p.At)
		}
	}
	if len(events) > 0 && events[0].Status == statusOpen {
		c.open, c.openedAt = true, events[0].OpenedAt
	}
	for minute := from; !minute.After(latest); minute = minute.Add(time.Minute) {
		value, ok := now[minute]
		if err := c.take(ctx, minute, value, ok || s.counts()); err != nil {
			return err
		}
	}
	return nil
}
