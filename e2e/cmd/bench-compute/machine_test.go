package main

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSystemFiles(t *testing.T) {
	t.Parallel()
	const cpuinfo = "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n\nprocessor\t: 1\nmodel name\t: other\n"
	for _, c := range []struct{ got, want any }{
		{processorName(cpuinfo), "AMD EPYC (family 25, model 17)"},
		{processorName("model name : Fast One\n"), "Fast One"},
		{processorName(""), ""},
		{memoryOf("MemTotal:       24684292 kB\nMemAvailable:   20 kB\n", "MemTotal"), int64(24684292 << 10)},
		{memoryOf("", "MemTotal"), int64(0)},
		{valueOf("NAME=x\nPRETTY_NAME=\"Debian 12\"\n", "PRETTY_NAME", "="), `"Debian 12"`},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	before := machine{load: "0.1", busy: parseTicks("cpu  100 0 50 1000 10 5 5 30 7 0\ncpu0 1 2\n")}
	after := machine{load: "1.9", busy: parseTicks("cpu  400 0 150 1500 10 5 5 130 7 0\n")}
	got := compareLoad(before, after, 3)
	// 1,000 ticks, of which 400 were work, 300 of that ours, and 100 went to other machines.
	want := load{before: "0.1", after: "1.9", others: 0.1, stolen: 0.1, known: true}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(load{}), near); diff != "" {
		t.Errorf("load (-want +got):\n%s", diff)
	}
	if got := compareLoad(machine{}, machine{}, 3); got.known {
		t.Errorf("got %+v where the system tells nothing, want it unknown", got)
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	m := look(t.Context())
	if m.processor == "" || m.count < 1 || m.system == "" || m.kernels == "" {
		t.Errorf("got %+v, want a machine with a name", m)
	}
}
