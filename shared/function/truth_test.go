package function

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

// truth reads one of the tables that testdata/make_truth.py has written, without its heading.
func truth(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 100 {
		t.Fatalf("%s: %d rows, error %v", name, len(rows), err)
	}
	return rows[1:]
}

// parseRow reads a function's name and arguments such as "m=4 n=2".
func parseRow(t *testing.T, name, text string) (*Function, Args) {
	t.Helper()
	f, ok := Lookup(name)
	if !ok {
		t.Fatalf("there is no function %q", name)
	}
	given := map[string]string{}
	for pair := range strings.FieldsSeq(text) {
		key, value, _ := strings.Cut(pair, "=")
		given[key] = value
	}
	a, err := f.ParseText(given)
	if err != nil {
		t.Fatal(err)
	}
	return f, a
}

// digitsOf writes out n and returns the digits.
func digitsOf(t *testing.T, n Result) string {
	t.Helper()
	var digits strings.Builder
	if _, err := n.WriteText(t.Context(), &digits, nil); err != nil {
		t.Fatal(err)
	}
	return digits.String()
}

func hash(digits string) string {
	sum := sha256.Sum256([]byte(digits))
	return hex.EncodeToString(sum[:])
}

func TestResultsAgreeWithGMP(t *testing.T) {
	t.Parallel()
	for _, row := range truth(t, "results.csv") {
		f, a := parseRow(t, row[0], row[1])
		n, err := f.Compute(t.Context(), a, DefaultMethod, Options{})
		if err != nil {
			t.Fatal(err)
		}
		digits := digitsOf(t, n)
		if got, want := hash(digits), row[3]; got != want {
			t.Errorf("%s has digits with the SHA-256 %s, want %s", f.Label(a), got, want)
		}
		if got, want := f.Estimate(a, DefaultMethod).Digits.String(), row[2]; got != want {
			t.Errorf("%s is said to have %s digits, want %s", f.Label(a), got, want)
		}
	}
}

func TestDigitCountsAgreeWithMPFR(t *testing.T) {
	t.Parallel()
	for _, row := range truth(t, "digits.csv") {
		f, a := parseRow(t, row[0], row[1])
		digits := f.Estimate(a, DefaultMethod).Digits
		if digits == nil || digits.String() != row[2] {
			t.Errorf("%s is said to have %v digits, want %s", f.Label(a), digits, row[2])
		}
	}
}
