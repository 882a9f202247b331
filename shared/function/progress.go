package function

import "numbermill/shared/bignum"

// Progress is told the share of Compute that is done, from 0 to 1 and never falling, and in a few words what goes on,
// such as "Doubling 18 of 20". It is called on Compute's goroutine, at most some thousand times in all; nil is allowed.
type Progress func(fraction float64, detail string)

// meter turns units of work, as bignum counts them, into Progress.
type meter struct {
	report Progress
	total  float64 // predicted units
	done   float64 // units so far
	told   float64 // fraction last reported
	detail string
}

// calculator returns a bignum.Calculator whose work the meter counts.
func (m *meter) calculator() bignum.Calculator { return bignum.Calculator{Worked: m.worked} }

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
