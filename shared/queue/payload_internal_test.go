package queue

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/job"
)

// TestPayloadAsByTheStandardLibrary: payloads are written as encoding/json does, and read as it does, the plain ones without it.
func TestPayloadAsByTheStandardLibrary(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	texts := []string{"", "fibonacci", "0190", "a-b", "<", "\"", "\\", "é", "\n"}
	text := func() string { return texts[rng.IntN(len(texts)>>rng.IntN(2))] }
	for range 2000 {
		p := payload{
			Fingerprint: job.Fingerprint(text()), Run: text(), Function: text(), Method: text(), Job: job.ID(text()), Link: text(), Keep: rng.IntN(2) == 0,
		}
		if rng.IntN(10) > 0 {
			p.Args = map[string]string{}
			for range rng.IntN(3) {
				p.Args[text()] = text()
			}
		}
		want, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(p.append(nil))); diff != "" {
			t.Fatalf("it is written otherwise (-want +got):\n%s", diff)
		}
		var read payload
		if err := read.read(want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, read); diff != "" {
			t.Fatalf("it is read otherwise (-want +got):\n%s", diff)
		}
	}
}

// TestPayloadOfAnotherForm: what another version has written, or a person, is read too, and only what is no payload is refused.
func TestPayloadOfAnotherForm(t *testing.T) {
	t.Parallel()
	want := payload{Fingerprint: "f", Run: "r", Function: "x", Args: map[string]string{"n": "1"}, Method: "fast"}
	for _, text := range []string{
		`{"computation":"f","run":"r","function":"x","args":{"n":"1"},"method":"fast"}`,
		`{"computation":"f","run":"r","function":"x","args":{"n":"1"},"method":"fast","later":[1]}`,
		` {"run": "r", "computation": "f", "method": "fast", "args": {"n": "1"}, "function": "x"}`,
	} {
		var got payload
		if err := got.read([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "{", `{"computation":"f","run":"r"`, "[]"} {
		var got payload
		if err := got.read([]byte(text)); err == nil {
			t.Errorf("%q is read as %v, want an error", text, got)
		}
	}
}
