package benchmark

import (
	"fmt"
	"slices"
)

// Spread is what several rounds gave: the middle, and how far the others are from it.
type Spread struct{ Low, Median, High float64 }

// Quartiles has the middle half of the values around their median; of none it is zero.
func Quartiles(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return Spread{}
	}
	return Spread{sorted[n/4], middle(sorted), sorted[n-1-n/4]}
}

// Range has the least and the largest of the values around their median; of none it is zero.
func Range(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return Spread{}
	}
	return Spread{sorted[0], middle(sorted), sorted[n-1]}
}

// middle returns the value in the middle, the upper of two.
func middle(sorted []float64) float64 { return sorted[len(sorted)/2] }

// Text is "median (low…high)", each as of writes it.
func (s Spread) Text(of func(float64) string) string {
	return fmt.Sprintf("%s (%s…%s)", of(s.Median), of(s.Low), of(s.High))
}

// Turn returns which of count things comes at a place of a round, from 0 on: none always follows the same other one.
func Turn(round, place, count int) int {
	which := (round + place) % count
	if round%2 == 1 {
		which = count - 1 - which
	}
	return which
}
