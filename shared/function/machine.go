package function

import (
	"math"
	"sync"

	"numbermill/shared/bignum"
)

// Machine is how fast a machine computes: the constants of the cost model. Reference has those that are built in, Calibrate measures
// them. They are times on one thread, in nanoseconds of CPU.
type Machine struct {
	UnitNanos    float64 `json:"unit_ns"`     // a unit of bignum's work, in products that fit into the caches
	FarUnitNanos float64 `json:"far_unit_ns"` // a unit in longer products
	DigitNanos   float64 `json:"digit_ns"`    // a digit that is written out, hashed and reduced, but not kept
	StepNanos    float64 `json:"step_ns"`     // a product of two words modulo a third, and other small things in proportion
	Gain         float64 `json:"gain"`        // what each thread beyond the first adds to the speed of products, from 0 to 1
}

// The built-in constants, measured on an AMD EPYC (Zen 4) at 2.6 GHz: with AVX-512, and without assembly.
var (
	reference = Machine{UnitNanos: 0.17, FarUnitNanos: 0.165, DigitNanos: 1.5, StepNanos: 9.2, Gain: 0.8}
	portable  = Machine{UnitNanos: 1.8, FarUnitNanos: 1.8, DigitNanos: 1.5, StepNanos: 9.2, Gain: 0.9}
)

// Reference returns the machine of the built-in constants. That is one without assembly if portableKernels, or if this machine has none.
func Reference(portableKernels bool) Machine {
	if portableKernels || !hasAssembly() {
		return portable
	}
	return reference
}

// hasAssembly reports whether bignum has kernels in assembly for this machine.
var hasAssembly = sync.OnceValue(func() bool {
	engine := bignum.New(bignum.Config{})
	defer engine.Close()
	return engine.Kernels() != "portable"
})

// Valid reports whether all constants can be those of a machine.
func (m Machine) Valid() bool {
	for _, nanos := range []float64{m.UnitNanos, m.FarUnitNanos, m.DigitNanos, m.StepNanos} {
		if !(nanos > 0 && nanos < 1e6) {
			return false
		}
	}
	return m.Gain >= 0 && m.Gain <= 1
}

// speed is how much faster so many threads work on products than one does.
func (m Machine) speed(threads int) float64 { return 1 + m.Gain*float64(max(threads, 1)-1) }

// nearUnits is how much of a computation's work happens before its products outgrow the caches.
const nearUnits = 1e8

// unitsNanos is the time of so many units of work, most of which are always in the last products.
func (m Machine) unitsNanos(units float64) float64 {
	return m.UnitNanos*min(units, nearUnits) + m.FarUnitNanos*max(units-nearUnits, 0)
}

// demand is what a computation by bignum asks of a machine. Its fields may be +Inf.
type demand struct {
	units  float64 // of work as bignum counts it, which threads share
	digits float64 // of the text
	steps  float64 // products of two words modulo a third, or what takes as long, for the check of the result
	bytes  float64 // the most memory that is held at one time
}

// price is the price of a demand on that machine, and the elapsed milliseconds of each phase on so many threads: computing, writing out, checking.
func (m Machine) price(d demand, threads int) (p price, phases [3]float64) {
	const (
		startMillis = 0.4 // tables, and what is too short to be counted
		touchNanos  = 0.4 // what the system does for a byte of new memory
		fileNanos   = 1   // what it does to keep a digit in a file
	)
	products, alone := m.unitsNanos(d.units)/1e6, startMillis+touchNanos*d.bytes/1e6
	write, check := (m.DigitNanos+fileNanos)*d.digits/1e6, m.StepNanos*d.steps/1e6
	// Digits are written on one thread and read on another: see verify.Aside.
	return price{products + alone + write + check, d.bytes}, [3]float64{products/m.speed(threads) + alone, write / m.speed(min(threads, 2)), check}
}

// scaled is the price on that machine of what costs p, in small steps on one thread, on the machine of the built-in constants.
func (m Machine) scaled(p price) price {
	if math.IsInf(p.millis, 1) {
		return p
	}
	return price{p.millis * m.StepNanos / reference.StepNanos, p.peak}
}
