package detector

import (
	"context"
	"log/slog"
	"time"
)

// What a status says: of points, whether an incident is open; of events, which end of it they are.
const (
	statusQuiet  = "quiet"
	statusOpen   = "open"
	statusClosed = "closed"
)

// course is a series as it goes on from minute to minute.
type course struct {
	detector *Detector
	series   Series
	begin    time.Time // of the documents
	flagged  []time.Time
	open     bool
	openedAt time.Time
}

// take judges a minute, writes what it finds, and tells people of an incident that begins or ends. Without a value there is nothing to judge, yet
// an incident may end.
func (c *course) take(ctx context.Context, minute time.Time, value measured, known bool) error {
	v := Verdict{}
	if known {
		season, recent, err := c.baseline(ctx, minute)
		if err != nil {
			return err
		}
		v = judge(value.value, value.volume, season, recent, c.series.scale)
	}
	if v.Flagged {
		c.flagged = append(c.flagged, minute)
	}
	documents := map[string]object{}
	what := next(c.open, c.openedAt, minute, c.flagged)
	if what == opens {
		c.open, c.openedAt = true, minute
	}
	if what == closes {
		c.open = false
	}
	if told := c.tell(ctx, what, minute, v); what != goesOn && told {
		id, event := c.event(what, minute, v)
		documents[id] = event
	}
	if known {
		documents[c.series.Name+"|"+stamp(minute)] = c.point(minute, v)
	}
	if len(documents) == 0 {
		return nil
	}
	return c.detector.elastic.write(ctx, documents)
}

// baseline are the values that a minute is compared with, those left out that were unusual themselves.
func (c *course) baseline(ctx context.Context, minute time.Time) (season, recent []float64, err error) {
	if season, err = c.usual(ctx, seasonOf(minute)); err != nil || len(season) >= fewest {
		return season, nil, err
	}
	recent, err = c.usual(ctx, []span{recentOf(minute)})
	return season, recent, err
}

func (c *course) usual(ctx context.Context, spans []span) ([]float64, error) {
	values, err := c.detector.elastic.values(ctx, c.series, spans)
	if err != nil {
		return nil, err
	}
	odd, err := c.detector.elastic.past(ctx, c.series.Name, "kind:point AND flagged:true", spans, mostFlagged)
	if err != nil {
		return nil, err
	}
	left := map[time.Time]bool{}
	for _, p := range odd {
		left[p.At.UTC()] = true
	}
	var usual []float64
	for _, s := range spans {
		for minute := s.from; minute.Before(s.to); minute = minute.Add(time.Minute) {
			v, ok := values[minute]
			if left[minute] || minute.Before(c.begin) || !ok && !c.series.counts() {
				continue
			}
			usual = append(usual, v.value)
		}
	}
	return usual, nil
}

// tell reports whether whoever is to know of a step does; a step that nobody could be told of comes again with the next minute.
func (c *course) tell(ctx context.Context, what step, minute time.Time, v Verdict) bool {
	log := c.detector.logger.With(slog.String("series", c.series.Name), slog.Time("minute", minute))
	var err error
	switch what {
	case goesOn:
		return true
	case opens:
		log.WarnContext(ctx, "anomaly began", slog.String("what", c.series.message(v)), slog.Float64("score", v.Score))
		if c.detector.notify != nil {
			err = c.detector.notify.Open(ctx, c.series.DedupKey(), c.series.message(v), minute, object{
				"series": c.series.Name, "value": v.Value, "expected": v.Expected, "lower": v.Lower, "upper": v.Upper, "score": v.Score,
			})
		}
	case closes:
		log.InfoContext(ctx, "anomaly is over")
		if c.detector.notify != nil {
			err = c.detector.notify.Close(ctx, c.series.DedupKey())
		}
	}
	if err != nil {
		log.ErrorContext(ctx, "nobody could be told of an anomaly", slog.Any("error", err))
	}
	return err == nil
}

// point is the document of a minute.
func (c *course) point(minute time.Time, v Verdict) object {
	d := object{"@timestamp": stamp(minute), "kind": "point", "series": c.series.Name, "value": v.Value, "flagged": v.Flagged, "status": statusQuiet}
	if v.Judged {
		d["expected"], d["lower"], d["upper"], d["score"] = v.Expected, v.Lower, v.Upper, v.Score
	}
	if c.open {
		d["status"] = statusOpen
	}
	return d
}

// event is the document of an incident's begin or end.
func (c *course) event(what step, minute time.Time, v Verdict) (id string, d object) {
	d = object{
		"@timestamp": stamp(minute), "kind": "event", "series": c.series.Name, "opened_at": stamp(c.openedAt), "dedup_key": c.series.DedupKey(),
		"tags": []string{"anomaly", c.series.Name},
	}
	if what == closes {
		d["status"], d["closed_at"], d["message"] = statusClosed, stamp(minute), c.series.Title+": back to what is usual"
		return c.series.Name + "|closed|" + stamp(minute), d
	}
	d["status"], d["message"] = statusOpen, c.series.message(v)
	d["value"], d["expected"], d["lower"], d["upper"], d["score"] = v.Value, v.Expected, v.Lower, v.Upper, v.Score
	return c.series.Name + "|open|" + stamp(minute), d
}
