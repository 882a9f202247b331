package benchmark

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
	before := Machine{Load: "0.1", busy: parseTicks("cpu  100 0 50 1000 10 5 5 30 7 0\ncpu0 1 2\n")}
	after := Machine{Load: "1.9", busy: parseTicks("cpu  400 0 150 1500 10 5 5 130 7 0\n")}
	got := CompareLoad(before, after, 3)
	// 1,000 ticks, of which 400 were work, 300 of that ours, and 100 went to other machines.
	want := Load{Before: "0.1", After: "1.9", Others: 0.1, Stolen: 0.1, Known: true}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("load (-want +got):\n%s", diff)
	}
	if got := CompareLoad(Machine{}, Machine{}, 3); got.Known {
		t.Errorf("got %+v where the system tells nothing, want it unknown", got)
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	m := Look(t.Context())
	if m.Processor == "" || m.Count < 1 || m.System == "" || m.Kernels == "" {
		t.Errorf("got %+v, want a machine with a name", m)
	}
}
