package function

import (
	"context"
	"errors"
	"math"
	"testing"
)

func TestCalibrationIsThatOfAMachine(t *testing.T) {
	t.Parallel()
	m, err := Calibrate(t.Context(), 2)
	if err != nil || !m.Valid() {
		t.Errorf("got %+v, %v, want constants that are valid", m, err)
	}
}

func TestCalibrationEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m, err := Calibrate(ctx, 2); !errors.Is(err, context.Canceled) || m.Valid() {
		t.Errorf("got %+v, %v, want the context's error", m, err)
	}
}

func TestMachinesThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Machine){
		"no time at all":      func(m *Machine) { m.DigitNanos = 0 },
		"a negative time":     func(m *Machine) { m.UnitNanos = -1 },
		"no number":           func(m *Machine) { m.DigitNanos = math.NaN() },
		"endless":             func(m *Machine) { m.StepNanos = math.Inf(1) },
		"a gain above one":    func(m *Machine) { m.Gain = 1.1 },
		"a gain of no number": func(m *Machine) { m.Gain = math.NaN() },
		"a loss":              func(m *Machine) { m.Gain = -0.1 },
	} {
		for _, portableKernels := range []bool{false, true} {
			m := Reference(portableKernels)
			if !m.Valid() {
				t.Fatalf("the built-in %+v is not valid", m)
			}
			if change(&m); m.Valid() {
				t.Errorf("%s is valid: %+v", name, m)
			}
		}
	}
}

// TestEstimatesOfAMachine sees what each constant and each thread changes.
func TestEstimatesOfAMachine(t *testing.T) {
	t.Parallel()
	f, a := parsed(t, "fibonacci", "n=10000000")
	m := Reference(false)
	slow := Machine{10 * m.UnitNanos, 10 * m.FarUnitNanos, 10 * m.DigitNanos, 10 * m.StepNanos, m.Gain}
	one, ten := f.EstimateOn(m, a, DefaultMethod, 1), f.EstimateOn(slow, a, DefaultMethod, 1)
	if ratio := float64(ten.CostMillis) / float64(one.CostMillis); ratio < 5 || ratio > 10.1 || ten.PeakBytes != one.PeakBytes {
		t.Errorf("a machine ten times slower takes %d ms instead of %d", ten.CostMillis, one.CostMillis)
	}
	two := f.EstimateOn(m, a, DefaultMethod, 2)
	if ratio := one.Seconds[0] / two.Seconds[0]; ratio < 1.05 || ratio > 2 || two.CostMillis != one.CostMillis {
		t.Errorf("two threads are %v times as fast as one, with %d ms instead of %d", ratio, two.CostMillis, one.CostMillis)
	}
	for _, budget := range []struct {
		machine Machine
		millis  int64
	}{{m, 1000}, {slow, 10_000}} {
		got, ok := f.LargestAdmissibleOn(budget.machine, a, DefaultMethod, Limits{CostMillis: budget.millis})
		want, _ := f.LargestAdmissible(a, DefaultMethod, Limits{CostMillis: 1000})
		if ratio := float(got.get("n")) / float(want.get("n")); !ok || ratio < 0.6 || ratio > 1.6 {
			t.Errorf("within %d ms of %+v the largest is %v, want about %v", budget.millis, budget.machine, got, want)
		}
	}
}
