package function

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxArgumentDigits is the length of the longest argument, once written out.
	maxArgumentDigits = 1000
	// maxArgumentText bounds the text of an argument, with its separators and leading zeros.
	maxArgumentText = 4000
	// numberPattern is the grammar of an argument given as text, in the dialect that JSON Schema and Go share.
	numberPattern = `^[ \t\r\n]*([0-9]+([ _][0-9]+)*|[0-9]+[eE^][0-9]+)[ \t\r\n]*$`

	space    = " \t\r\n"
	accepted = "Write a whole number such as 1000000, 1e6 or 10^6"
)

var (
	numberSyntax = regexp.MustCompile(numberPattern)
	jsonNumber   = regexp.MustCompile(`^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$`)

	errTooLong = fmt.Errorf("the number has more than 1,000 digits once written out. Write a smaller one, such as 1e6 or 10^%d", maxArgumentDigits-1)
)

// parseNumber reads one argument given as text. The grammar is numberPattern. Its errors are sentences for a person.
func parseNumber(text string) (*big.Int, error) {
	if len(text) > maxArgumentText {
		return nil, errTooLong
	}
	if isDigits(text) {
		return scaled(text, "0") // most are, and matching a pattern takes longer than all the rest
	}
	if !numberSyntax.MatchString(text) {
		return nil, explain(text)
	}
	text = strings.Trim(text, space)
	if a, b, ok := strings.Cut(text, "^"); ok {
		return power(a, b)
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		return scaled(text[:i], text[i+1:])
	}
	return scaled(strings.NewReplacer(" ", "", "_", "").Replace(text), "0")
}

func isDigits[T ~string | ~[]byte](text T) bool {
	for i := range len(text) {
		if c := text[i]; c < '0' || c > '9' {
			return false
		}
	}
	return len(text) > 0
}

// scaled returns a·10^b, both in digits. The length is checked before anything is expanded.
func scaled(a, b string) (*big.Int, error) {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if a == "" {
		return new(big.Int), nil
	}
	exponent := 0
	if b != "" {
		var err error
		if exponent, err = strconv.Atoi(b); err != nil || exponent > maxArgumentDigits {
			return nil, errTooLong
		}
	}
	if len(a)+exponent > maxArgumentDigits {
		return nil, errTooLong
	}
	n, _ := new(big.Int).SetString(a+strings.Repeat("0", exponent), 10)
	return n, nil
}

// power returns a^b, both in digits, with 0^0 = 1. The length is checked before anything is expanded.
func power(a, b string) (*big.Int, error) {
	base, err := scaled(a, "0")
	if err != nil {
		return nil, err
	}
	b = strings.TrimLeft(b, "0")
	if b == "" {
		return big.NewInt(1), nil
	}
	if base.BitLen() <= 1 { // 0 or 1
		return base, nil
	}
	exponent, err := strconv.Atoi(b)
	// base^exponent ≥ 2^((BitLen−1)·exponent), and 2^4 > 10.
	if err != nil || exponent > 4*maxArgumentDigits || (base.BitLen()-1)*exponent > 4*maxArgumentDigits {
		return nil, errTooLong
	}
	n := base.Exp(base, big.NewInt(int64(exponent)), nil)
	if len(n.String()) > maxArgumentDigits {
		return nil, errTooLong
	}
	return n, nil
}

// parseJSON reads one member of the args object: a string, or a number whose value is a whole number.
func parseJSON(raw json.RawMessage) (*big.Int, error) {
	raw = bytes.TrimSpace(raw)
	var text string
	if len(raw) > 0 && raw[0] == '"' {
		if inside, closed := bytes.CutSuffix(raw[1:], []byte(`"`)); closed && isDigits(inside) {
			return parseNumber(string(inside)) // as most are
		}
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, errors.New("this is not a JSON string. " + accepted)
		}
		return parseNumber(text)
	}
	if len(raw) > maxArgumentText {
		return nil, errTooLong
	}
	parts := jsonNumber.FindSubmatch(raw)
	if parts == nil {
		return nil, fmt.Errorf("%s is not a number or a string. %s", kind(raw), accepted)
	}
	return wholeNumber(string(raw), string(parts[1]), string(parts[2]), string(parts[3]), string(parts[4]))
}

// wholeNumber returns ±whole.fraction·10^exponent, if that is a natural number. text is what was written.
func wholeNumber(text, sign, whole, fraction, exponent string) (*big.Int, error) {
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return new(big.Int), nil
	}
	if sign != "" {
		return nil, errNegative(text)
	}
	significant := strings.TrimRight(digits, "0")
	shift := 0
	if exponent != "" {
		var err error
		if shift, err = strconv.Atoi(exponent); err != nil || shift > 2*maxArgumentText || shift < -2*maxArgumentText {
			if strings.HasPrefix(exponent, "-") {
				return nil, errFraction(text)
			}
			return nil, errTooLong
		}
	}
	// The value is significant·10^shift from here on.
	shift += len(digits) - len(significant) - len(fraction)
	if shift < 0 {
		return nil, errFraction(text)
	}
	return scaled(significant, strconv.Itoa(shift))
}

// explain says why text is not accepted, as precisely as can be told.
func explain(text string) error {
	trimmed := strings.Trim(text, space)
	switch {
	case trimmed == "":
		return errors.New("the value is empty. " + accepted)
	case numberSyntax.MatchString(strings.TrimPrefix(trimmed, "-")):
		return errNegative(trimmed)
	case numberSyntax.MatchString(strings.TrimPrefix(trimmed, "+")):
		return fmt.Errorf("%s has a sign. Write %s", quote(trimmed), quote(trimmed[1:]))
	case numberSyntax.MatchString(strings.ReplaceAll(trimmed, ",", "_")):
		return fmt.Errorf("%s has commas. Write %s or %s", quote(trimmed),
			shorten(strings.ReplaceAll(trimmed, ",", "_")), shorten(strings.ReplaceAll(trimmed, ",", "")))
	}
	return errFraction(trimmed)
}

func errNegative(text string) error {
	return fmt.Errorf("%s is negative. Write a whole number from 0 up, such as 1000000, 1e6 or 10^6", quote(text))
}

func errFraction(text string) error {
	return fmt.Errorf("%s is not a whole number. Write 1000000, 1 000 000, 1e6 or 10^6", quote(text))
}

// kind names a JSON value that is neither a string nor a number.
func kind(raw []byte) string {
	switch {
	case len(raw) == 0:
		return "nothing"
	case raw[0] == '{':
		return "an object"
	case raw[0] == '[':
		return "an array"
	}
	return shorten(string(raw))
}

func quote(text string) string { return strconv.Quote(shorten(text)) }

// shorten cuts text to what fits into a sentence.
func shorten(text string) string {
	const most = 40
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}
