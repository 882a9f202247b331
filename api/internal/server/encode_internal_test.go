package server

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"numbermill/api"
)

// TestDocumentsAreThoseOfEncodingJSON holds what is written by hand against the standard library, on documents whose every member is random.
func TestDocumentsAreThoseOfEncodingJSON(t *testing.T) {
	t.Parallel()
	seed := [2]uint64{rand.Uint64(), rand.Uint64()}
	t.Logf("the seed is %v", seed)
	random := rand.New(rand.NewPCG(seed[0], seed[1]))
	for range 2000 {
		var list api.JobList
		randomize(random, reflect.ValueOf(&list).Elem())
		documents := []any{list}
		for _, d := range list.Jobs {
			documents = append(documents, d)
		}
		for _, d := range documents {
			var want bytes.Buffer
			e := json.NewEncoder(&want)
			e.SetEscapeHTML(false)
			if err := e.Encode(d); err != nil {
				t.Fatal(err)
			}
			got, err := appendDocument(nil, d)
			if err != nil || !bytes.Equal(got, want.Bytes()) {
				t.Fatalf("got %s (%v)\nwant %s", got, err, &want)
			}
		}
	}
}

// randomize gives a value and all that it has random contents, also such as no document has.
func randomize(random *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(randomText(random))
	case reflect.Int, reflect.Int64:
		v.SetInt(random.Int64() >> random.IntN(64))
	case reflect.Float64:
		v.SetFloat(randomNumber(random))
	case reflect.Pointer:
		if random.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			randomize(random, v.Elem())
		}
	case reflect.Slice:
		if random.IntN(5) > 0 {
			v.Set(reflect.MakeSlice(v.Type(), random.IntN(3), 3))
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			randomize(random, v.Index(i))
		}
	case reflect.Map:
		if random.IntN(5) > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range random.IntN(6) {
				v.SetMapIndex(reflect.ValueOf(randomText(random)), reflect.ValueOf(randomText(random)))
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.UnixMilli(random.Int64N(1 << 42)).Add(time.Duration(random.IntN(2) * random.IntN(1e6))).UTC()))
			return
		}
		for _, field := range v.Fields() {
			randomize(random, field)
		}
	default:
		panic("documents have no " + v.Kind().String())
	}
}

func randomText(random *rand.Rand) string {
	var b []byte
	for range random.IntN(12) {
		switch random.IntN(8) {
		case 0:
			b = append(b, byte(random.IntN(256)))
		case 1:
			b = append(b, `"\/<>&`[random.IntN(6)])
		case 2:
			b = append(b, string(rune(random.IntN(0x3000)))...)
		case 3:
			b = append(b, string([]rune{0x2028, 0x2029, 0xfffd, 0x1f600}[random.IntN(4)])...)
		default:
			b = append(b, byte(' '+random.IntN(95)))
		}
	}
	return string(b)
}

func randomNumber(random *rand.Rand) float64 {
	switch random.IntN(4) {
	case 0:
		return 0
	case 1:
		return float64(random.IntN(1000)) / 10
	case 2:
		return random.NormFloat64() * 1e-7
	default:
		return random.NormFloat64() * 1e21
	}
}
