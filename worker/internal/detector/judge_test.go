package detector

import (
	"math"
	"testing"
	"time"
)

func repeated(v float64, n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = v * (1 + 0.01*float64(i%5-2))
	}
	return all
}

func TestJudge(t *testing.T) {
	t.Parallel()
	quiet := func(float64, float64) float64 { return 0 }
	high, either := logarithmic(above, 0.01, quiet), logarithmic(both, 0.01, quiet)
	for _, c := range []struct {
		name            string
		value           float64
		season, recent  []float64
		scale           scale
		judged, flagged bool
	}{
		{"as ever", 10, repeated(10, 100), nil, either, true, false},
		{"far above", 20, repeated(10, 100), nil, high, true, true},
		{"far below matters", 2, repeated(10, 100), nil, either, true, true},
		{"far below does not matter", 2, repeated(10, 100), nil, high, true, false},
		{"cold start, far above", 30, repeated(10, fewest-1), repeated(10, fewestRecent), high, true, true},
		{"cold start, somewhat above", 15, repeated(10, fewest-1), repeated(10, fewestRecent), high, true, false},
		{"nothing to compare with", 1000, repeated(10, fewest-1), repeated(10, fewestRecent-1), high, false, false},
		{"half of the season was bad", 10, append(repeated(10, 51), repeated(1000, 49)...), nil, high, true, false},
		{"from nothing to something that matters", 0.5, repeated(0, 100), nil, high, true, true},
		{"from nothing to something that does not", 0.003, repeated(0, 100), nil, high, true, false},
	} {
		v := judge(c.value, 100, c.season, c.recent, c.scale)
		if v.Judged != c.judged || v.Flagged != c.flagged {
			t.Errorf("%s: got %+v, want judged %v and flagged %v", c.name, v, c.judged, c.flagged)
		}
		if v.Flagged && v.Value <= v.Upper && v.Value >= v.Lower || v.Flagged && v.Score < seasonScore {
			t.Errorf("%s: got %+v, want a flagged value outside its band with a score of 4 or more", c.name, v)
		}
	}
}

// Few documents make a value uncertain, and many make it sure.
func TestNoiseOfSmallNumbers(t *testing.T) {
	t.Parallel()
	shares := repeated(0.01, 100)
	if v := judge(0.05, 20, shares, nil, share()); v.Flagged {
		t.Errorf("one failure of 20: got %+v, want it unflagged", v)
	}
	if v := judge(0.05, 2000, shares, nil, share()); !v.Flagged {
		t.Errorf("100 failures of 2,000: got %+v, want it flagged", v)
	}
	few, many := arrivals(60)(1.0/60, 0), arrivals(60)(100, 0)
	if few < 0.9 || many > 0.02 {
		t.Errorf("noise of one a minute is %v, of 6,000 a minute %v; want about 1 and 0.013", few, many)
	}
	if got := tail(0, 400); math.Abs(got-0.1) > 1e-9 {
		t.Errorf("noise of a percentile of 400: got %v, want 0.1", got)
	}
}

// Where there are no errors, some are unusual; where there are many, some more are not.
func TestRare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		usual, value float64
		flagged      bool
	}{{0, 3, false}, {0, 10, true}, {100, 130, false}, {100, 400, true}} {
		if v := judge(c.value, 0, repeated(c.usual, 100), nil, rare()); v.Flagged != c.flagged {
			t.Errorf("%v instead of %v: got %+v, want flagged %v", c.value, c.usual, v, c.flagged)
		}
	}
}

// Every scale comes back to where it came from.
func TestScalesComeBack(t *testing.T) {
	t.Parallel()
	for _, s := range All() {
		for _, v := range []float64{0, 0.001, 0.3, 1} {
			if got := s.scale.from(s.scale.to(v)); math.Abs(got-v) > 1e-9 {
				t.Errorf("%s: %v comes back as %v", s.Name, v, got)
			}
		}
		if v := s.scale.from(-100); v < 0 {
			t.Errorf("%s: a lower bound is %v", s.Name, v)
		}
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	at := func(m int) time.Time { return time.Date(2026, 3, 2, 12, m, 0, 0, time.UTC) }
	for _, c := range []struct {
		name     string
		open     bool
		openedAt time.Time
		now      int
		flagged  []int
		want     step
	}{
		{"two of five", false, time.Time{}, 20, []int{19, 20}, goesOn},
		{"three of five", false, time.Time{}, 20, []int{16, 18, 20}, opens},
		{"three of six", false, time.Time{}, 20, []int{15, 18, 20}, goesOn},
		{"open already", true, at(15), 20, []int{16, 18, 20}, goesOn},
		{"quiet for nine minutes", true, at(5), 20, []int{11}, goesOn},
		{"quiet for ten minutes", true, at(5), 20, []int{10}, closes},
		{"no minute was judged", true, at(5), 20, nil, closes},
		{"only just opened", true, at(18), 20, nil, goesOn},
	} {
		var flagged []time.Time
		for _, m := range c.flagged {
			flagged = append(flagged, at(m))
		}
		if got := next(c.open, c.openedAt, at(c.now), flagged); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// A Monday is compared with working days alone, a Sunday with weekends.
func TestSeasonOf(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 3, 16, 0, 3, 0, 0, time.UTC)
	for day, want := range map[int]int{0: 10, 5: 4, 6: 4} {
		minute := monday.AddDate(0, 0, day)
		spans := seasonOf(minute)
		if len(spans) != want {
			t.Errorf("%s: got %d days, want %d", minute.Weekday(), len(spans), want)
		}
		for _, s := range spans {
			if got := s.to.Sub(s.from); got != 15*time.Minute || !s.to.Before(minute) {
				t.Errorf("%s: got %v to %v, want a quarter of an hour on an earlier day", minute.Weekday(), s.from, s.to)
			}
		}
	}
}
