package plainjson_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/plainjson"
)

// random is some text, half of the time a plain one.
func random(rng *rand.Rand) string {
	text := make([]byte, rng.IntN(20))
	plain := rng.IntN(2) == 0
	for i := range text {
		text[i] = byte(rng.IntN(256))
		if plain {
			text[i] = 'a' + text[i]%26
		}
	}
	if rng.IntN(8) == 0 {
		return string(text) + "é<\u2028&>\"\\\x7f"
	}
	return string(text)
}

// randomMap has up to a dozen texts, or is nil.
func randomMap(rng *rand.Rand) map[string]string {
	if rng.IntN(10) == 0 {
		return nil
	}
	texts := map[string]string{}
	for range rng.IntN(12) {
		texts[random(rng)] = random(rng)
	}
	return texts
}

// TestAppendedAsByTheStandardLibrary: what is appended is what encoding/json writes, and what is read is what it reads.
func TestAppendedAsByTheStandardLibrary(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	read := 0
	for range 5000 {
		text, texts := random(rng), randomMap(rng)
		if got, want := string(plainjson.AppendString(nil, text)), marshal(t, text); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		written := marshal(t, texts)
		if got := string(plainjson.AppendMap([]byte("x"), texts)); got != "x"+written {
			t.Fatalf("got %s, want x%s", got, written)
		}
		r := plainjson.NewReader(written)
		got := r.Map()
		if !r.Done() {
			continue
		}
		read++
		if diff := cmp.Diff(texts, got); diff != "" {
			t.Fatalf("%s is read as something else (-want +got):\n%s", written, diff)
		}
	}
	if read == 0 {
		t.Error("nothing was read, want what is plain")
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestReaderTakesNothingElse: a text that is not of the plain form is refused rather than misread.
func TestReaderTakesNothingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{`, `{"`, `{"a`, `{"a"`, `{"a":`, `{"a":"b"`, `{"a":"b",`, `{"a":"b",}`, `{"a":1}`, `{"a":"b"}}`, `{"a":"b"} `, `{ "a":"b"}`, `null`,
		`{"a":"\n"}`, `{"a":"é"}`, "{\"a\":\"\n\"}", `["a"]`, `{"a":"b" "c":"d"}`,
	} {
		r := plainjson.NewReader(text)
		if got := r.Map(); r.Done() {
			t.Errorf("%q is read as %v, want a refusal", text, got)
		}
	}
}
