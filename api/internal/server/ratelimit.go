package server

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/go-redis/redis_rate/v10"

	"numbermill/shared/job"
)

// Rate is how many submitting requests of one owner are taken. The zero Rate takes all of them.
type Rate struct {
	// PerSecond is how many on average.
	PerSecond int
	// Burst is how many at once, after a pause.
	Burst int
}

// on tells whether there is a limit.
func (l Rate) on() bool { return l.PerSecond > 0 }

// window is in how many seconds a used-up burst is there again.
func (l Rate) window() int { return max(1, (l.Burst+l.PerSecond-1)/l.PerSecond) }

// limited makes a handler of submissions keep to the rate of its owner. All processes on one Redis count together; without a limit nobody
// is asked.
func limited(answer func(*Server, http.ResponseWriter, *http.Request) error) func(*Server, http.ResponseWriter, *http.Request) error {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		if s.Rate.on() {
			if err := s.checkRate(w.Header(), r); err != nil {
				return err
			}
		}
		return answer(s, w, r)
	}
}

// checkRate counts a request, and tells the client how many more it may send, in the syntax of the IETF's draft on RateLimit headers.
func (s *Server) checkRate(h http.Header, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), redisTimeout)
	defer cancel()
	limit := redis_rate.Limit{Rate: s.Rate.PerSecond, Burst: s.Rate.Burst, Period: time.Second}
	got, err := s.limiter.Allow(ctx, rateKey(owner(r)), limit)
	switch {
	case r.Context().Err() != nil:
		return r.Context().Err()
	case err != nil:
		return job.Errorf(job.Unavailable, "count requests: %w", err)
	}
	h.Set("RateLimit-Policy", fmt.Sprintf(`"submissions";q=%d;w=%d`, s.Rate.Burst, s.Rate.window()))
	h.Set("RateLimit", fmt.Sprintf(`"submissions";r=%d;t=%d`, got.Remaining, wholeSeconds(got.ResetAfter)))
	if got.Allowed > 0 {
		return nil
	}
	after := max(1, wholeSeconds(got.RetryAfter))
	e := refuse(quotaExceeded, "You may submit %d times a second, and %d times at once after a pause. Try again in %d s; a batch takes up to 10,000 jobs in one request.",
		s.Rate.PerSecond, s.Rate.Burst, after)
	e.header = http.Header{"Retry-After": {strconv.Itoa(after)}}
	return e
}

// rateKey is where the requests of an owner are counted. The library puts "rate:" before it; the braces keep it in the owner's slot.
func rateKey(o job.Owner) string { return "{" + string(o) + "}:submissions" }

func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
