package detector

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// simulated is a series of requests with days and weeks in it.
type simulated struct {
	begin   time.Time
	values  []float64 // a second, by minute
	flagged map[int]bool
	bad     []incident
}

// incident is a stretch of minutes in which the rate is multiplied.
type incident struct {
	from, minutes int
	factor        float64
}

const (
	daysBefore, daysJudged, incidents = 14, 18, 30
	minutesADay                       = 24 * 60
)

// simulate draws independent arrivals, many by day and few at night, half as many at the weekend, and puts incidents into the days that are judged.
func simulate(seed uint64) *simulated {
	r := rand.New(rand.NewPCG(seed, 1))
	s := &simulated{begin: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), flagged: map[int]bool{}}
	stretch := daysJudged * minutesADay / incidents
	for i := range incidents {
		from := daysBefore*minutesADay + i*stretch + 60 + r.IntN(stretch-150)
		s.bad = append(s.bad, incident{from, 10 + r.IntN(20), []float64{0, 0.15, 0.3, 2.5, 4, 8}[i%6]})
	}
	for m := range (daysBefore + daysJudged) * minutesADay {
		day := 2 * math.Pi * float64(m%minutesADay) / minutesADay
		mean := 600 * (1 - 0.8*math.Cos(day)) // a minute: 120 at midnight, 1,080 at noon
		if isWeekend(s.at(m)) {
			mean /= 2
		}
		for _, b := range s.bad {
			if m >= b.from && m < b.from+b.minutes {
				mean *= b.factor
			}
		}
		mean *= math.Exp(0.05 * r.NormFloat64())
		s.values = append(s.values, math.Max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))/60)
	}
	return s
}

func (s *simulated) at(m int) time.Time { return s.begin.Add(time.Duration(m) * time.Minute) }

// usual are the values of some spans but for what was flagged.
func (s *simulated) usual(spans ...span) []float64 {
	var usual []float64
	for _, sp := range spans {
		for t := sp.from; t.Before(sp.to); t = t.Add(time.Minute) {
			if m := int(t.Sub(s.begin) / time.Minute); m >= 0 && m < len(s.values) && !s.flagged[m] {
				usual = append(usual, s.values[m])
			}
		}
	}
	return usual
}

// run goes through all minutes and returns when incidents were opened.
func (s *simulated) run() (opened []int) {
	scale := All()[0].scale
	open, openedAt := false, time.Time{}
	for m, value := range s.values {
		minute := s.at(m)
		v := judge(value, value*60, s.usual(seasonOf(minute)...), s.usual(recentOf(minute)), scale)
		s.flagged[m] = v.Flagged
		var lately []time.Time
		for back := range closeAfter {
			if s.flagged[m-back] {
				lately = append(lately, s.at(m-back))
			}
		}
		switch next(open, openedAt, minute, lately) {
		case opens:
			open, openedAt, opened = true, minute, append(opened, m)
		case closes:
			open = false
		case goesOn:
		}
	}
	return opened
}

// Every incident is found, most within two minutes, and nothing else is.
func TestFindsIncidentsAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2, 3} {
		s := simulate(seed)
		found, alarms, late := map[int]bool{}, 0, 0
		for _, m := range s.run() {
			hit := false
			for i, b := range s.bad {
				if m >= b.from && m < b.from+b.minutes+closeAfter {
					hit, found[i] = true, true
					late = max(late, m-b.from)
				}
			}
			if !hit && m >= daysBefore*minutesADay {
				alarms++
			}
		}
		t.Logf("seed %d: found %d of %d, %d false alarms, the slowest after %d minutes", seed, len(found), incidents, alarms, late)
		if len(found) != incidents || alarms != 0 || late > openWithin {
			t.Errorf("seed %d: found %d of %d with %d false alarms, the slowest after %d minutes; want all, none and at most %d",
				seed, len(found), incidents, alarms, late, openWithin)
		}
	}
}
