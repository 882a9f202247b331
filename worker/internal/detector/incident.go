package detector

import "time"

const (
	// openAfter of openWithin minutes must be flagged to open an incident.
	openAfter, openWithin = 3, 5
	// closeAfter minutes without a flag close it.
	closeAfter = 10
)

// step is what a minute means for a series' incident.
type step int

const (
	goesOn step = iota // nothing changes
	opens
	closes
)

// next tells what becomes of an incident after a minute. flagged are the minutes up to and with that one that were flagged, in any order; what
// could not be judged is not among them.
func next(open bool, openedAt, minute time.Time, flagged []time.Time) step {
	within := func(n int) (count int) {
		from := minute.Add(-time.Duration(n-1) * time.Minute)
		for _, t := range flagged {
			if !t.Before(from) && !t.After(minute) {
				count++
			}
		}
		return count
	}
	switch {
	case !open && within(openWithin) >= openAfter:
		return opens
	case open && within(closeAfter) == 0 && minute.Sub(openedAt) >= closeAfter*time.Minute:
		return closes
	}
	return goesOn
}
