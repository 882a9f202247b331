//go:build !race

package function

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// TestLarge computes numbers whose digests are known from GMP, on one thread and on two. The race detector would take minutes for them.
func TestLarge(t *testing.T) {
	for _, c := range []struct{ function, args, want string }{
		{"fibonacci", "n=100000000", "098ac40fa4f909c1"},
		{"factorial", "n=10000000", "826efc38f8560726"},
		{"ackermann", "m=3 n=1000000000", "eb349a8e6a579b1e"},
	} {
		f, a := parsed(t, c.function, c.args)
		for threads := 1; threads <= 2; threads++ {
			if threads == 1 && c.function == "ackermann" {
				continue // It takes long.
			}
			n, err := f.Compute(t.Context(), a, DefaultMethod, Options{Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.New()
			if _, err := n.WriteText(t.Context(), sum, nil); err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(sum.Sum(nil)[:8]); got != c.want {
				t.Errorf("%s on %d threads has digits whose SHA-256 begins %s, want %s", f.Label(a), threads, got, c.want)
			}
		}
	}
}
