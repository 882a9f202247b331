package benchmark

import (
	"os"
	"testing"
)

func TestParseGroup(t *testing.T) {
	t.Parallel()
	for stat, want := range map[string][2]int{
		"12 (a) S 1 9 9 0 -1":           {12, 9},
		"12 (a) b (c) R 1 7 9 0":        {12, 7},
		"":                              {},
		"x (a) S 1 9":                   {},
		"12 (a) S 1":                    {},
		"4711 (node) S 4700 4700 1 0 0": {4711, 4700},
	} {
		pid, group := parseGroup(stat)
		if got := [2]int{pid, group}; got != want {
			t.Errorf("%q: got %v, want %v", stat, got, want)
		}
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	p, err := Start(t.Context(), []string{"WORD=here"}, true, "sh", "-c", `echo "I am $WORD"; while :; do :; done & wait`)
	if err != nil {
		t.Fatal(err)
	}
	if p.Line != "I am here" {
		t.Errorf("its line is %q", p.Line)
	}
	if _, err := os.Stat("/proc/self/schedstat"); err == nil {
		for p.ProcessorTime() == 0 { // it is the child that works
			if t.Context().Err() != nil {
				t.Fatal("it never used a processor")
			}
		}
	}
	p.Kill()
	if _, err := Start(t.Context(), nil, true, "sh", "-c", "exit 1"); err == nil {
		t.Error("what ends at once is ready")
	}
}
