package function

import (
	"encoding/json"
	"errors"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseNumberAccepts(t *testing.T) {
	t.Parallel()
	nines := strings.Repeat("9", maxArgumentDigits)
	for text, want := range map[string]string{
		"0":                              "0",
		"7":                              "7",
		"1000000":                        "1000000",
		"1_000_000":                      "1000000",
		"1 000 000":                      "1000000",
		"10_00 000":                      "1000000",
		"007":                            "7",
		"000":                            "0",
		" 5 ":                            "5",
		"\t5\r\n":                        "5",
		"1e6":                            "1000000",
		"1E6":                            "1000000",
		"12e0":                           "12",
		"012e03":                         "12000",
		"0e999999999999999999999":        "0",
		"10^6":                           "1000000",
		"2^10":                           "1024",
		"010^03":                         "1000",
		"0^0":                            "1",
		"0^5":                            "0",
		"1^999999999999999999999":        "1",
		"5^0":                            "1",
		"1e999":                          "1" + strings.Repeat("0", 999),
		"10^999":                         "1" + strings.Repeat("0", 999),
		nines:                            nines,
		nines + "^1":                     nines,
		"2^3321":                         new(big.Int).Lsh(one, 3321).String(),
		strings.Repeat("0", 2000) + "12": "12",
	} {
		if got, err := parseNumber(text); err != nil || got.String() != want {
			t.Errorf("%.40q was read as %v, want %s; error %v", text, got, want, err)
		}
	}
}

func TestParseNumberRefuses(t *testing.T) {
	t.Parallel()
	const write = "Write 1000000, 1 000 000, 1e6 or 10^6"
	tooLong := errTooLong.Error()
	for text, want := range map[string]string{
		"":                                       "the value is empty. Write a whole number such as 1000000, 1e6 or 10^6",
		" ":                                      "the value is empty. Write a whole number such as 1000000, 1e6 or 10^6",
		"-5":                                     `"-5" is negative. Write a whole number from 0 up, such as 1000000, 1e6 or 10^6`,
		"-1e3":                                   `"-1e3" is negative. Write a whole number from 0 up, such as 1000000, 1e6 or 10^6`,
		"+5":                                     `"+5" has a sign. Write "5"`,
		"1,000,000":                              `"1,000,000" has commas. Write 1_000_000 or 1000000`,
		"1e6.5":                                  `"1e6.5" is not a whole number. ` + write,
		"1.5":                                    `"1.5" is not a whole number. ` + write,
		"2.0":                                    `"2.0" is not a whole number. ` + write,
		"abc":                                    `"abc" is not a whole number. ` + write,
		"0x10":                                   `"0x10" is not a whole number. ` + write,
		"１２":                                     `"１２" is not a whole number. ` + write,
		"1__0":                                   `"1__0" is not a whole number. ` + write,
		"_1":                                     `"_1" is not a whole number. ` + write,
		"1e":                                     `"1e" is not a whole number. ` + write,
		"e6":                                     `"e6" is not a whole number. ` + write,
		"1e-3":                                   `"1e-3" is not a whole number. ` + write,
		"1e+6":                                   `"1e+6" is not a whole number. ` + write,
		"10^10^10":                               `"10^10^10" is not a whole number. ` + write,
		"1 0^6":                                  `"1 0^6" is not a whole number. ` + write,
		"NaN":                                    `"NaN" is not a whole number. ` + write,
		"1\x00":                                  `"1\x00" is not a whole number. ` + write,
		"1e1000":                                 tooLong,
		"1e999999999":                            tooLong,
		"1e99999999999999999999999":              tooLong,
		"10^1000":                                tooLong,
		"2^3322":                                 tooLong,
		"10^9999999999999999999999":              tooLong,
		strings.Repeat("9", maxArgumentDigits+1): tooLong,
		strings.Repeat("9", 500) + "^3":          tooLong,
		strings.Repeat("0", maxArgumentText) + "1":  tooLong,
		strings.Repeat("9", maxArgumentText) + "^9": tooLong,
		"x" + strings.Repeat("y", 100):              `"x` + strings.Repeat("y", 39) + `…" is not a whole number. ` + write,
	} {
		if got, err := parseNumber(text); err == nil || err.Error() != want {
			t.Errorf("%.40q was read as %v with the error\n%v, want\n%s", text, got, err, want)
		}
	}
}

func TestParseJSON(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`5`:                   "5",
		"\t5\n":               "5",
		`"1e6"`:               "1000000",
		`"1\u005f000"`:        "1000",
		`1e6`:                 "1000000",
		`1E+6`:                "1000000",
		`2.0`:                 "2",
		`1.5e1`:               "15",
		`100e-2`:              "1",
		`-0`:                  "0",
		`-0.0e5`:              "0",
		`0.00`:                "0",
		`0e999999999999`:      "0",
		`1e999`:               "1" + strings.Repeat("0", 999),
		`0.001e1002`:          "1" + strings.Repeat("0", 999),
		`9007199254740993`:    "9007199254740993",
		`1.000000000000e0003`: "1000",
	} {
		if got, err := parseJSON(json.RawMessage(raw)); err != nil || got.String() != want {
			t.Errorf("%s was read as %v, want %s; error %v", raw, got, want, err)
		}
	}
	for raw, want := range map[string]string{
		`1.5`:                                  "is not a whole number",
		`1e-1`:                                 "is not a whole number",
		`1e-99999999999`:                       "is not a whole number",
		`-5`:                                   "is negative",
		`-1.5`:                                 "is negative",
		`1e1000`:                               "more than 1,000 digits",
		`1e99999999999`:                        "more than 1,000 digits",
		strings.Repeat("1", maxArgumentText+1): "more than 1,000 digits",
		`null`:                                 "null is not a number or a string",
		`true`:                                 "true is not a number or a string",
		`{"a":1}`:                              "an object is not a number or a string",
		`[5]`:                                  "an array is not a number or a string",
		``:                                     "nothing is not a number or a string",
		`"`:                                    "this is not a JSON string",
		`"-5"`:                                 "is negative",
		`"1e6.5"`:                              "is not a whole number",
		`"\ud83d"`:                             "is not a whole number",
		`"1,000"`:                              "has commas",
		`"1e12345"`:                            "more than 1,000 digits",
	} {
		if got, err := parseJSON(json.RawMessage(raw)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s was read as %v with the error %v, want one with %q", raw, got, err, want)
		}
	}
}

var schemaPattern = regexp.MustCompile(numberPattern)

func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{"1e6", "10^6", "1_000 000", "007", " 5 ", "0^0", "1e999", "-5", "1,000", "１２", "10^10^10", "3^2096"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parseNumber(text)
		if err != nil {
			if n != nil || err.Error() == "" || strings.HasSuffix(err.Error(), ".") || len(err.Error()) > 600 {
				t.Errorf("%q was refused with %v and %q", text, n, err)
			}
			return
		}
		canonical := n.String()
		if len(canonical) > maxArgumentDigits || n.Sign() < 0 || !schemaPattern.MatchString(text) {
			t.Errorf("%q was read as %s", text, canonical)
		}
		if again, err := parseNumber(canonical); err != nil || again.Cmp(n) != 0 {
			t.Errorf("%q was read as %s, and that as %v; error %v", text, canonical, again, err)
		}
	})
}

// FuzzParseJSON compares with math/big's own reading of a number.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`1e6`, `2.0`, `-0`, `1.5`, `100e-2`, `"1e6"`, `null`, `0.001e3`, `1e400`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if !json.Valid([]byte(raw)) {
			_, _ = parseJSON(json.RawMessage(raw)) // It must only not panic.
			return
		}
		got, err := parseJSON(json.RawMessage(raw))
		var number json.Number
		if json.Unmarshal([]byte(raw), &number) != nil || number == "" || raw[0] == '"' {
			return
		}
		if exponent := strings.TrimLeft(string(number[strings.IndexAny(string(number), "eE")+1:]), "+-0"); len(exponent) > 3 && strings.ContainsAny(raw, "eE") {
			return // math/big would expand it.
		}
		want, ok := new(big.Rat).SetString(number.String())
		acceptable := ok && want.IsInt() && want.Sign() >= 0 && len(want.Num().String()) <= maxArgumentDigits && len(raw) <= maxArgumentText
		if acceptable != (err == nil) || (err == nil && got.Cmp(want.Num()) != 0) {
			t.Errorf("%s was read as %v, want %v; error %v", raw, got, want, err)
		}
	})
}

func TestParseArgsTellsAllProblems(t *testing.T) {
	t.Parallel()
	f, _ := Lookup("ackermann")
	_, err := f.ParseArgs(map[string]json.RawMessage{
		"n": json.RawMessage(`-1`), "z": json.RawMessage(`1`), "k": json.RawMessage(`"\""`),
	})
	var problems *ArgumentError
	if !errors.As(err, &problems) {
		t.Fatalf("got %T, want an *ArgumentError", err)
	}
	want := []FieldError{
		{"m", "m is missing. Write a whole number such as 1000000, 1e6 or 10^6."},
		{"n", `"-1" is negative. Write a whole number from 0 up, such as 1000000, 1e6 or 10^6.`},
		{"k", `ackermann takes no argument "k". It takes m and n.`},
		{"z", `ackermann takes no argument "z". It takes m and n.`},
	}
	if diff := cmp.Diff(want, problems.Fields); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if got := err.Error(); !strings.HasPrefix(got, "m: m is missing.") || strings.Contains(got, "\n") {
		t.Errorf("the error reads %q", got)
	}
}
