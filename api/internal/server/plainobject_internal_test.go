package server

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bodies are objects as clients send them, and some that the decoder refuses.
var bodies = []string{
	`{"function":"fibonacci","args":{"n":"1000"}}`,
	` {"function": "ackermann", "args": {"m": 2, "n": "3"}, "labels": {"a": "b", "c": ""}, "max_attempts": 3}` + "\n",
	"{\r\n\t\"args\" : { } , \"deep\" : {\"a\":{\"b\":{\"c\":{}}}}\n}", `{"n":1.5,"m":-1,"k":1e6,"z":0,"big":123456789012345678901234567890}`,
	`{"a":[1,2],"b":null,"c":true}`, `{"a":"\u0041\n","\u0062":"é"}`, `{"a":"x","a":"y"}`, `{"a":{"b":"1","b":"2"}}`, `{}`, `[]`, ``, `{"a":"x"}{}`,
	`{"a":"x"} x`, `{"a":01}`, `{"a":"x",}`, `{"a" "x"}`, `{"a":"x"`, "{\"a\":\"\x7f\xff\"}", "{\"a\":\"\n\"}",
}

// TestPlainObjectsAreReadAsByTheDecoder: with and without the quick way, bodies that are well or badly formed come to the same.
func TestPlainObjectsAreReadAsByTheDecoder(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	plain := 0
	for range 2000 {
		for _, text := range bodies {
			body := []byte(text)
			for range min(r.IntN(3), len(body)) {
				body[r.IntN(len(body))] = " {}[]\",:\\019az"[r.IntN(14)]
			}
			if _, _, ok := plainObject(body, deepest); ok {
				plain++
			}
			want, wantErr := decodeObject(body)
			got, err := parseObject(body)
			if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
				t.Fatalf("seed %d: %q: got error %v, want %v", seed, body, err, wantErr)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(object{})); diff != "" {
				t.Fatalf("seed %d: %q is read as something else (-want +got):\n%s", seed, body, diff)
			}
		}
	}
	if plain < 2000 {
		t.Errorf("seed %d: %d bodies were plain, want more", seed, plain)
	}
}

// TestPlainObjectsAreNotDeep: a body cannot have the reader call itself without end.
func TestPlainObjectsAreNotDeep(t *testing.T) {
	t.Parallel()
	if _, _, ok := plainObject([]byte(strings.Repeat(`{"a":`, 1<<20)), deepest); ok {
		t.Error("it is read, want a refusal")
	}
}

func BenchmarkParseObject(b *testing.B) {
	body := []byte(bodies[0])
	for name, parse := range map[string]func([]byte) (object, error){"plain": parseObject, "decoder": decodeObject} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				o, err := parse(body)
				if err != nil {
					b.Fatal(err)
				}
				if (&fields{object: o}).submission().function == nil {
					b.Fatal("no function")
				}
			}
		})
	}
}
