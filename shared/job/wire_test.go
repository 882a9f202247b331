package job_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
)

func TestResultSurvivesJSON(t *testing.T) {
	t.Parallel()
	want := job.Result{
		Digits: 20898764, Leading: "47371034734563369625", Trailing: "06082642167760546875", TrailingZeros: 3, SHA256: "098ac40f",
		Timing: job.Timing{Queue: 2, Compute: 610.5, Write: 140.25}, CPUMillis: 700, Blob: "abc/f/run-1.txt",
		Verification: job.Verification{Method: "residue", Moduli: []uint64{math.MaxUint64, 1_000_000_007}, Residues: []uint64{1<<53 + 1, 0}},
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"moduli":["18446744073709551615","1000000007"]`, `"residues":["9007199254740993","0"]`, `"timing_ms":`, `"trailing_zeros":3`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("got %s, want it to have %s", text, part)
		}
	}
	var got job.Result
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what comes back differs (-want +got):\n%s", diff)
	}
}

func TestProgressSurvivesJSON(t *testing.T) {
	t.Parallel()
	want := job.Progress{
		Phase: job.PhaseWrite, PhaseIndex: 2, PhaseCount: 3, Percent: 41.5, Detail: "Doubling 18 of 20",
		UpdatedAt: time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC),
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got job.Progress
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what comes back differs (-want +got):\n%s", diff)
	}
}

func TestVerificationRefusesWhatIsNoNumber(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"moduli":["x"]}`, `{"moduli":["-1"]}`, `{"residues":["18446744073709551616"]}`, `{"moduli":[7]}`, `[]`} {
		var v job.Verification
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s: got %+v, want an error", text, v)
		}
	}
}
