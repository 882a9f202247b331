package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		function, n, want string
	}{
		{"fibonacci", "0", "0"},
		{"fibonacci", "1", "1"},
		{"fibonacci", "97", "83621143489848422977"},
		{"fibonacci-sum", "10", "143"},
		{"factorial", "25", "15511210043330985984000000"},
		{"ackermann", "3", "61"},
	} {
		path := filepath.Join(t.TempDir(), "digits")
		var out strings.Builder
		if err := run([]string{c.function, c.n, path}, &out); err != nil {
			t.Errorf("%s of %s: %v", c.function, c.n, err)
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != c.want {
			t.Errorf("%s of %s is %s (%v), want %s", c.function, c.n, got, err, c.want)
		}
		var r report
		if err := json.Unmarshal([]byte(out.String()), &r); err != nil || r.Version == "" || r.Compute == nil || r.Decimal == nil || r.Write == nil {
			t.Errorf("it tells %s of itself (%v), want its version and three phases", out.String(), err)
		}
	}
}

func TestRunOnlyTellsItsVersion(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run([]string{"-", "0", ""}, &out)
	if got := out.String(); err != nil || !strings.HasPrefix(got, `{"version":"math/big of go`) || strings.Contains(got, "compute") {
		t.Errorf("got %q (%v), want the version alone", got, err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"fibonacci", "x", "f"}, {"tribonacci", "1", "f"}, {"fibonacci", "1", "not/there/yet"}} {
		if err := run(args, &strings.Builder{}); err == nil {
			t.Errorf("run(%q) gives no error", args)
		}
	}
}
