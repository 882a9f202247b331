package function

import "numbermill/shared/bignum"

// Options say how Compute works. The zero Options are ready to use.
type Options struct {
	Progress Progress // may be nil
	Threads  int      // how many goroutines may compute at a time; 0 means 1
	Portable bool     // without assembly: for a second try where the first result was wrong

	// Go, if not nil, starts each goroutine that computes besides the caller's, in place of a go statement: on a thread of lower priority, for instance.
	Go func(work func())

	Fault *bignum.Fault // nil but in tests of what finds wrong results
}

// Progress is told the share of Compute that is done, from 0 to 1 and never falling, and in a few words what goes on,
// such as "Doubling 18 of 20". It is called on Compute's goroutine, at most some thousand times in all.
type Progress func(fraction float64, detail string)

// meter turns units of work, as bignum counts them, into Progress.
type meter struct {
	engine *bignum.Engine // whose work the meter counts
	report Progress
	total  float64 // predicted units
	done   float64 // units so far
	told   float64 // fraction last reported
	detail string
}

// worthThreads is how many nanoseconds a computation must take on one thread for others to be worth their start: to wake one takes a tenth of a
// millisecond, and on some systems a few milliseconds pass before it has a processor of its own.
const worthThreads = 5e6

// newMeter returns a meter of a computation that takes as many units, with an engine for it.
func newMeter(o Options, total float64) *meter {
	m := &meter{report: o.Progress, total: total}
	threads := o.Threads
	if total*Reference(o.Portable).UnitNanos < worthThreads {
		threads = 1
	}
	m.engine = bignum.New(bignum.Config{Threads: threads, Portable: o.Portable, Worked: m.worked, Go: o.Go, Fault: o.Fault})
	return m
}

// begin reports a new step.
func (m *meter) begin(detail string) {
	m.detail = detail
	m.told = m.fraction()
	m.report(m.told, detail)
}

// worked counts units, and reports them when they make a difference.
func (m *meter) worked(units float64) {
	const step = 1.0 / 1024
	m.done += units
	if f := m.fraction(); f >= m.told+step {
		m.told = f
		m.report(f, m.detail)
	}
}

// fraction is what is done of the total, below 1: only Compute itself knows when it has ended.
func (m *meter) fraction() float64 { return min(m.done/m.total, 0.999) }
