package store_test

import (
	"testing"

	"numbermill/shared/store"
)

// A job that joins an attempt under way, or hits a result, has not begun before it was submitted.
func TestNoJobStartsBeforeItIsSubmitted(t *testing.T) {
	t.Parallel()
	bothWays(t, func(x *fixture) {
		t := x.t
		miss := x.submit(fp(1))
		a := x.claim(miss.Run)
		joined := x.submit(fp(1))
		x.complete(a)
		hit := x.submit(fp(1))
		for _, s := range []store.Submission{miss, joined, hit} {
			r := x.get(s)
			if r.StartedAt.Before(r.CreatedAt) || r.FinishedAt.Before(r.StartedAt) {
				t.Errorf("%s: created %v, started %v, finished %v, want them in this order", s.Cache, r.CreatedAt, r.StartedAt, r.FinishedAt)
			}
		}
	})
}
