package benchmark

import (
	"slices"
	"strconv"
	"testing"
)

func TestSpreads(t *testing.T) {
	t.Parallel()
	values := []float64{5, 1, 4, 2, 3}
	for _, tt := range []struct{ got, want Spread }{
		{Range(values), Spread{1, 3, 5}},
		{Quartiles(values), Spread{2, 3, 4}},
		{Range([]float64{2, 1}), Spread{1, 2, 2}},
		{Range(nil), Spread{}},
		{Quartiles(nil), Spread{}},
	} {
		if tt.got != tt.want {
			t.Errorf("got %v, want %v", tt.got, tt.want)
		}
	}
	got := Spread{1, 2, 3}.Text(func(v float64) string { return strconv.Itoa(int(v)) })
	if got != "2 (1…3)" {
		t.Errorf("got %q", got)
	}
}

func TestTurn(t *testing.T) {
	t.Parallel()
	follows := make(map[[2]int]int)
	for round := range 10 {
		var order []int
		for place := range 5 {
			order = append(order, Turn(round, place, 5))
		}
		for i := range 4 {
			follows[[2]int{order[i], order[i+1]}]++
		}
		slices.Sort(order)
		if !slices.Equal(order, []int{0, 1, 2, 3, 4}) {
			t.Errorf("round %d has %v", round, order)
		}
	}
	for pair, count := range follows {
		if count > 5 {
			t.Errorf("%v follow each other %d times in 10 rounds", pair, count)
		}
	}
}
