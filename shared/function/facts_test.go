package function

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
)

// TestFactsAgreeWithOtherPrograms compares with testdata/facts.csv, which GMP, MPFR, Python and PARI have made.
func TestFactsAgreeWithOtherPrograms(t *testing.T) {
	t.Parallel()
	for _, row := range truth(t, "facts.csv") {
		f, a := parseRow(t, row[0], row[1])
		facts, err := decodeFacts([]byte(documentOf(t, f, a, "facts")))
		if err != nil {
			t.Fatal(err)
		}
		got := []string{of(facts.Digits), of(facts.DigitsOfDigits), of(facts.Leading), facts.Trailing.Digits, facts.Trailing.Zeros, ""}
		if facts.Trailing.Stable != nil {
			got[5] = strconv.Itoa(*facts.Trailing.Stable)
		}
		for _, r := range facts.Residues {
			got = append(got, of(r.Value))
		}
		for i, want := range row[2:] {
			if short(got[i]) != want && (want != "" || i < 6) { // No residue is written where the other programs found none.
				t.Errorf("%s: column %d is %s, want %s", f.Label(a), i+3, short(got[i]), want)
			}
		}
	}
}

// of returns what text points to, or nothing.
func of(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// short returns the text as facts.csv has it.
func short(text string) string {
	const longest = 60
	if len(text) <= longest {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// TestFactsAreWrittenForPeople fixes the bytes of a document: results that are published once must not change.
func TestFactsAreWrittenForPeople(t *testing.T) {
	t.Parallel()
	f, a := parsed(t, "factorial", "n=30")
	want := `{
  "function": "factorial",
  "args": {
    "n": "30"
  },
  "label": "30!",
  "closed_form": "1·2·3·…·30",
  "digits": "33",
  "digits_of_digits": null,
  "leading": "265252859812191058636308480000000",
  "trailing": {
    "digits": "26525285981219105863630848",
    "zeros": "7",
    "complete": true,
    "stable": null
  },
  "residues": [
    {
      "modulus": "998244353",
      "value": "59230529"
    },
    {
      "modulus": "1000000007",
      "value": "109361473"
    },
    {
      "modulus": "2305843009213693951",
      "value": "458908103098268852"
    }
  ]
}`
	if got := documentOf(t, f, a, "facts"); got != want {
		t.Errorf("the document is\n%s\nwant\n%s", got, want)
	}
	f, a = parsed(t, "factorial", "n=10^12")
	text := documentOf(t, f, a, "facts")
	if !strings.Contains(text, `"value": null,`+"\n"+`      "reason": "finding it would take a product of more than 1,000,000,000 numbers"`) {
		t.Errorf("the document does not say why a remainder is missing:\n%s", text)
	}
}
