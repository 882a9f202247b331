package server

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"net/http"
	"time"

	"numbermill/api"
	"numbermill/shared/function"
	"numbermill/shared/job"
)

const (
	costUnit = "cpu-ms"
	// lookupTimeout is how long an estimate waits to learn whether the result is stored: somebody is typing.
	lookupTimeout = time.Second
)

func (s *Server) createEstimate(w http.ResponseWriter, r *http.Request) error {
	c, err := s.readComputation(w, r)
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, s.estimate(r, c))
}

func (s *Server) estimate(r *http.Request, c computation) api.Estimate {
	e, l := s.price(c), s.limits()
	d := api.Estimate{
		Function: c.function.Name, Args: c.args.Canonical(), Method: c.method,
		Digits: integer(e.Digits), Bytes: integer(e.Bytes), PeakBytes: bounded(e.PeakBytes),
		Cost: api.EstimatedCost{Estimated: bounded(e.CostMillis), Unit: costUnit}, Limit: limits(l),
	}
	if e.CostMillis != math.MaxInt64 {
		d.Seconds = (*api.Seconds)(&e.Seconds)
	}
	why, exceeds := e.Exceeds(l)
	d.Admissible = !exceeds
	if exceeds {
		name := whyNot(why).name
		d.Reason = &name
	}
	if largest, ok := s.largestAdmissible(c, l); ok {
		d.LargestAdmissible = largest.Canonical()
	}
	if d.Cached = s.isStored(r, c); d.Cached {
		d.QueueWaitSeconds = &api.Seconds{0, 0}
	} else if e.CostMillis != math.MaxInt64 {
		d.QueueWaitSeconds = s.Fleet.waitOf(job.ClassOf(e.CostMillis), job.Standard)
	}
	return d
}

// isStored looks the result up. An estimate does not fail because Redis does not answer.
func (s *Server) isStored(r *http.Request, c computation) bool {
	ctx, cancel := context.WithTimeout(r.Context(), lookupTimeout)
	defer cancel()
	stored, err := s.Records.IsStored(ctx, fingerprint(c))
	if err != nil && r.Context().Err() == nil {
		s.Logger.WarnContext(ctx, "estimate without a look at stored results", slog.Any("error", err))
	}
	return stored
}

func fingerprint(c computation) job.Fingerprint {
	return job.Fingerprint(c.function.Fingerprint(c.args, c.method))
}

// admit refuses a computation beyond the limits, saying what would pass.
func (s *Server) admit(c computation, e function.Estimate) error {
	l := s.limits()
	why, exceeds := e.Exceeds(l)
	if !exceeds {
		return nil
	}
	largest, ok := s.largestAdmissible(c, l)
	refusal := refuse(whyNot(why), "%s %s", describeExcess(c, e, why, l), advise(c, largest, ok))
	refusal.extend = func(p *api.Problem) { s.tellLimits(p, c, e) }
	return refusal
}

// tellLimits adds to a problem what a computation would take, what it may, and the largest arguments that pass.
func (s *Server) tellLimits(p *api.Problem, c computation, e function.Estimate) {
	l := s.limits()
	most := limits(l)
	p.Estimated = &api.ProblemEstimate{Cost: bounded(e.CostMillis), Digits: integer(e.Digits), PeakBytes: bounded(e.PeakBytes)}
	p.Limit = &most
	if largest, ok := s.largestAdmissible(c, l); ok {
		p.LargestAdmissible = largest.Canonical()
	}
}

func whyNot(why function.Reason) kind {
	if why == function.ReasonNotRepresentable {
		return notRepresentable
	}
	return costLimitExceeded
}

func describeExcess(c computation, e function.Estimate, why function.Reason, l function.Limits) string {
	what := c.function.Label(c.args)
	switch why {
	case function.ReasonDigits:
		return fmt.Sprintf("%s has %s digits; the limit is %d.", what, short(e.Digits), l.Digits)
	case function.ReasonPeakBytes:
		return fmt.Sprintf("%s needs %s bytes of memory; the limit is %d.", what, orMore(e.PeakBytes), l.PeakBytes)
	case function.ReasonCost:
		return fmt.Sprintf("%s takes about %s ms of CPU time; the limit is %d.", what, orMore(e.CostMillis), l.CostMillis)
	default:
		return what + " cannot be written down: even the number of its digits has more than 1,000 digits."
	}
}

// advise says what to do instead: what would pass, and which method tells of the value without writing it down.
func advise(c computation, largest function.Args, ok bool) string {
	advice := "Choose smaller arguments."
	if ok {
		advice = fmt.Sprintf("The largest that passes is %s.", largest)
	}
	for _, m := range c.function.Methods {
		if chosen, _ := c.function.Method(c.method); m.Kind == function.Document && chosen.Kind != function.Document {
			return fmt.Sprintf("%s The method %q tells its size, its last digits and more all the same.", advice, m.Name)
		}
	}
	return advice
}

// short writes a number of up to 1,000 digits so that it fits into a sentence.
func short(n *big.Int) string {
	if text := n.String(); len(text) <= 30 {
		return text
	}
	return fmt.Sprintf("about %.3g", new(big.Float).SetInt(n))
}

func orMore(n int64) string {
	if n == math.MaxInt64 {
		return fmt.Sprintf("more than %.1g", float64(n))
	}
	return decimal(n)
}

func integer(n *big.Int) *string {
	if n == nil {
		return nil
	}
	text := n.String()
	return &text
}

// bounded is nil for a number that stands for all beyond it.
func bounded(n int64) *string {
	if n == math.MaxInt64 {
		return nil
	}
	text := decimal(n)
	return &text
}
