package store

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
	"numbermill/shared/plainjson"
)

// texts are what members of random values are drawn from; most are plain.
var someTexts = []string{"", "fast", "factorial", "12345678901234567890", "text/plain; charset=us-ascii", "é", `"`, "a<b"}

func someText(rng *rand.Rand) string {
	if rng.IntN(20) > 0 {
		return someTexts[rng.IntN(5)]
	}
	return someTexts[rng.IntN(len(someTexts))]
}

func someMap(rng *rand.Rand) map[string]string {
	texts := map[string]string{}
	for range rng.IntN(3) {
		texts[someText(rng)] = someText(rng)
	}
	return texts
}

// someInt is 0, small, or any.
func someInt(rng *rand.Rand) int64 {
	return []int64{0, rng.Int64N(1000), int64(rng.Uint64())}[rng.IntN(3)]
}

func someUints(rng *rand.Rand) []uint64 {
	numbers := make([]uint64, rng.IntN(6))
	for i := range numbers {
		numbers[i] = rng.Uint64()
	}
	return numbers
}

// someFloat is what timings are, now and then of another order.
func someFloat(rng *rand.Rand) float64 {
	return float64(rng.IntN(10_000)) / 1000 * []float64{1, 1, 1, 1, 1, 1, 0, 1e-9, 1e30, -1}[rng.IntN(10)]
}

func someResult(rng *rand.Rand) job.Result {
	return job.Result{
		MediaType: someText(rng), Bytes: someInt(rng), Digits: someInt(rng), Leading: someText(rng), Trailing: someText(rng),
		TrailingZeros: someInt(rng), SHA256: someText(rng), Calls: []uint64{0, rng.Uint64(), math.MaxUint64}[rng.IntN(3)],
		Timing: job.Timing{Queue: someFloat(rng), Compute: someFloat(rng), Write: someFloat(rng)}, CPUMillis: someInt(rng),
		Verification: job.Verification{Method: someText(rng), Moduli: someUints(rng), Residues: someUints(rng)}, Blob: someText(rng),
	}
}

func someDocument(rng *rand.Rand) document {
	d := document{
		ID: job.ID(someText(rng)), Owner: job.Owner(someText(rng)), Fingerprint: job.Fingerprint(someText(rng)), MaxAttempts: rng.IntN(10),
		Spec:          job.Spec{Function: someText(rng), Args: someMap(rng), Method: someText(rng)},
		EstimatedCost: someInt(rng), Priority: job.Priority(someText(rng)), Queue: someText(rng), RetryOf: job.ID(someText(rng)),
		Batch: job.BatchID(someText(rng)), TraceID: someText(rng), CreatedMillis: someInt(rng), RunAtMillis: someInt(rng), DeadlineMillis: someInt(rng),
	}
	if rng.IntN(3) == 0 {
		d.Labels = someMap(rng)
	}
	if rng.IntN(3) == 0 {
		d.Trace = someMap(rng)
	}
	return d
}

// TestParsedAsByTheStandardLibrary: what is read is what encoding/json reads, of records as they are and of records that are damaged.
func TestParsedAsByTheStandardLibrary(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	results, documents := 0, 0
	for range 3000 {
		results += compareParsed(t, rng, someResult(rng), plainResult)
		documents += compareParsed(t, rng, someDocument(rng), plainDocument)
	}
	if results < 500 || documents < 500 {
		t.Errorf("%d results and %d documents of 3000 are plain, want more", results, documents)
	}
}

// compareParsed reads a value, and what is left of it when a byte is another, and counts it if it is plain.
func compareParsed[T any](t *testing.T, rng *rand.Rand, value T, plain func(*plainjson.Reader) T) (counted int) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	r := plainjson.NewReader(string(text))
	if plain(r); r.Done() {
		counted = 1
	}
	for range 2 {
		var want T
		wantErr := json.Unmarshal(text, &want)
		got, err := parse(string(text), plain)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%s: got error %v, want %v", text, err, wantErr)
		}
		if diff := cmp.Diff(&want, got); err == nil && diff != "" {
			t.Fatalf("%s is read as something else (-want +got):\n%s", text, diff)
		}
		text[rng.IntN(len(text))] = ` "{}[]:,0123456789.-eaA\`[rng.IntN(24)]
	}
	return counted
}

func BenchmarkParseResult(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	text, err := json.Marshal(job.Result{
		MediaType: job.DigitsType, Bytes: 209, Digits: 209, Leading: "43466557686937456435", Trailing: "49228875", SHA256: "30ad6e2a0cbbd0a636a53ce8df4f703e",
		Timing:       job.Timing{Queue: 1.25, Compute: 0.031, Write: 0.002},
		Verification: job.Verification{Method: job.ByResidue, Moduli: []uint64{rng.Uint64(), rng.Uint64()}, Residues: []uint64{rng.Uint64(), rng.Uint64()}},
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, plain := range map[string]func(*plainjson.Reader) job.Result{"plain": plainResult, "library": nil} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parse(string(text), plain); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestEncodedAsByTheStandardLibrary: what is written is what encoding/json writes, byte for byte.
func TestEncodedAsByTheStandardLibrary(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 3000 {
		r, d := someResult(rng), someDocument(rng)
		got, err := encodeResult(r)
		if err != nil {
			t.Fatal(err)
		}
		compareEncoded(t, r, got)
		compareEncoded(t, d, appendDocument(nil, d))
	}
}

func compareEncoded(t *testing.T, value any, got []byte) {
	t.Helper()
	want, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Fatalf("encoded (-want +got):\n%s", diff)
	}
}
