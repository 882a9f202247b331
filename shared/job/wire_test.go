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
		MediaType: job.DigitsType, Bytes: 20898764, Calls: 1<<53 + 1, Digits: 20898764, Leading: "47371034734563369625", Trailing: "06082642167760546875", TrailingZeros: 3, SHA256: "098ac40f",
		Timing: job.Timing{Queue: 2, Compute: 610.5, Write: 140.25}, CPUMillis: 700, Blob: "abc/f/run-1.txt",
		Verification: job.Verification{Method: "residue", Moduli: []uint64{math.MaxUint64, 1_000_000_007}, Residues: []uint64{1<<53 + 1, 0}},
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"moduli":["18446744073709551615","1000000007"]`, `"residues":["9007199254740993","0"]`, `"timing_ms":`, `"trailing_zeros":3`, `"calls":"9007199254740993"`} {
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

// TestOldResultsAreOfDigits reads a record from before there were documents.
func TestOldResultsAreOfDigits(t *testing.T) {
	t.Parallel()
	var got job.Result
	if err := json.Unmarshal([]byte(`{"digits":3,"leading":"144","trailing":"144","sha256":"5e"}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.Size() != 3 || got.Type() != job.DigitsType {
		t.Errorf("got %d bytes of %q, want 3 of digits", got.Size(), got.Type())
	}
	facts := job.Result{MediaType: job.DocumentType, Bytes: 99}
	if facts.Size() != 99 || facts.Type() != job.DocumentType {
		t.Errorf("a document has %d bytes of %q, want 99 of a document", facts.Size(), facts.Type())
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
