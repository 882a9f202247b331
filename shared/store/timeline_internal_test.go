package store

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"numbermill/shared/job"
)

// anyText is a text that may need to be escaped.
func anyText(rng *rand.Rand) string {
	pieces := []string{"", "computing", "7", " ", "<", "\"", "\\", "é", "\u2028", "\xff", "\n", "a&b", "factorial"}
	rng.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
	return strings.Join(pieces[:rng.IntN(5)], "")
}

func anyTexts(rng *rand.Rand) map[string]string {
	texts := map[string]string{}
	for range rng.IntN(12) {
		texts[anyText(rng)] = anyText(rng)
	}
	if rng.IntN(5) == 0 {
		return nil
	}
	return texts
}

// TestWrittenAsByTheStandardLibrary: log lines and specifications are written as encoding/json does.
func TestWrittenAsByTheStandardLibrary(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 2000 {
		zone := []*time.Location{time.UTC, time.FixedZone("", (rng.IntN(1440)-720)*60)}[rng.IntN(2)]
		l := job.LogLine{
			Time: time.Unix(rng.Int64N(4e9), rng.Int64N(1e9)/[]int64{1, 1e3, 1e9}[rng.IntN(3)]).In(zone), Level: anyText(rng), Message: anyText(rng),
			Attempt: rng.Int64() - rng.Int64(), Worker: anyText(rng), Attributes: anyTexts(rng),
		}
		got, err := appendLine(nil, l, true)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, got, l)
		spec := job.Spec{Function: anyText(rng), Args: anyTexts(rng), Method: anyText(rng)}
		compare(t, appendSpec(nil, spec), spec)
	}
	if got, err := appendLine(nil, job.LogLine{Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, true); err == nil {
		t.Errorf("got %s for a time that has no such text, want an error", got)
	}
}

func compare(t *testing.T, got []byte, v any) {
	t.Helper()
	want, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Fatalf("got %s, want %s", got, want)
	}
}

// TestSpecOfTheRecordDecides: another specification than the task's is the record's, and what cannot be read is an error.
func TestSpecOfTheRecordDecides(t *testing.T) {
	t.Parallel()
	task := job.Spec{Function: "fibonacci", Args: map[string]string{"n": "7"}, Method: "fast"}
	for text, want := range map[string]string{
		"": "7", `{"function":"fibonacci","args":{"n":"7"},"method":"fast"}`: "7", `{"function":"fibonacci","args":{"n":"8"},"method":"fast"}`: "8",
	} {
		v := &fields{values: []any{int64(1), text, "2"}, next: 1}
		got, after := specOf(v, task), v.number()
		if v.err != nil || got.Args["n"] != want || after != 2 {
			t.Errorf("%q is read as %v before %d (%v), want n = %s before 2", text, got, after, v.err, want)
		}
	}
	v := &fields{values: []any{`{"function`}}
	if got := specOf(v, task); v.err == nil {
		t.Errorf("got %v and no error, want one", got)
	}
}
