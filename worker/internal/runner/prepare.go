package runner

import (
	"fmt"
	"maps"
	"math"
	"time"

	"numbermill/shared/function"
	"numbermill/shared/job"
)

// prepared is what a run asks for, read and priced once for all that has to know it.
type prepared struct {
	spec     job.Spec
	function *function.Function
	args     function.Args
	estimate function.Estimate // on one thread of the machine of the built-in constants
	err      error             // why it cannot be read; there is nothing else then
}

func prepare(s job.Spec) *prepared {
	p := &prepared{spec: s}
	if p.function, p.args, p.err = lookUp(s); p.err == nil {
		p.estimate = p.function.Estimate(p.args, s.Method)
	}
	return p
}

// of is what the spec asks for, which is the same unless the record says something else than the task.
func (p *prepared) of(s job.Spec) *prepared {
	if s.Function == p.spec.Function && s.Method == p.spec.Method && maps.Equal(s.Args, p.spec.Args) {
		return p
	}
	return prepare(s)
}

// peak is how much memory an attempt will take, in bytes. It is 0 if that cannot be told: then the attempt will end at once and say why.
func (p *prepared) peak() int64 {
	if p.err != nil || p.estimate.PeakBytes == math.MaxInt64 {
		return 0
	}
	return p.estimate.PeakBytes
}

// price is how much computing an attempt will take.
func (p *prepared) price() time.Duration {
	const most = time.Hour
	return time.Duration(min(p.estimate.CostMillis, most.Milliseconds())) * time.Millisecond
}

// shares are the parts of an attempt on so many threads that its phases take.
func (p *prepared) shares(threads int) [3]float64 {
	if threads == 1 {
		return p.estimate.Shares
	}
	return p.function.EstimateOn(function.Reference(false), p.args, p.spec.Method, threads).Shares
}

func lookUp(s job.Spec) (*function.Function, function.Args, error) {
	f, ok := function.Lookup(s.Function)
	if !ok {
		return nil, function.Args{}, fmt.Errorf("%w %q", errUnknownFunction, s.Function)
	}
	args, err := f.ParseText(s.Args)
	if err != nil {
		return nil, function.Args{}, fmt.Errorf("arguments of %s: %w", s.Function, err)
	}
	return f, args, nil
}
