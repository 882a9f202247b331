package function

// Facts is what can be told about a value without writing it down: the Document of the method "facts". Its JSON is indented by two spaces, its
// members stand in the order of the fields, and every number that can be large is a string of decimal digits. A null is a fact that cannot be
// written down or takes too long to find. Everything else is exact: nothing is rounded or likely.
type Facts struct {
	Function   string            `json:"function"`    // its Name
	Args       map[string]string `json:"args"`        // canonical
	Label      string            `json:"label"`       // for a heading, as Function.Label has it
	ClosedForm string            `json:"closed_form"` // a formula for the value, such as "2↑↑6 − 3", in Knuth's arrows for the Ackermann function

	Digits         *string `json:"digits"`           // how many decimal digits the value has, or null
	DigitsOfDigits *string `json:"digits_of_digits"` // where Digits are null: how many digits that number has, or null

	Leading  *string        `json:"leading"`  // the first 50 digits, all digits of a shorter value, or null
	Trailing TrailingDigits `json:"trailing"` // how the value ends
	Residues []KnownResidue `json:"residues"` // modulo 998244353, 10^9+7 and 2^61−1, which are prime
}

// TrailingDigits are the end of a value: first Digits, then Zeros times the digit 0.
type TrailingDigits struct {
	Digits   string `json:"digits"`   // the last 1,000 digits, of a factorial the last 20 before its zeros; all of them where Complete
	Zeros    string `json:"zeros"`    // how many zeros come after Digits: "0" but for factorials
	Complete bool   `json:"complete"` // whether Digits and Zeros are the whole value
	// Stable tells of A(m,n) with m ≥ 4, which is a tower of twos less 3, how many of the Digits, counted from the last, every taller tower
	// ends in as well. It is null for any other value.
	Stable *int `json:"stable"`
}

// KnownResidue is the remainder of a value divided by a modulus.
type KnownResidue struct {
	Modulus string  `json:"modulus"`
	Value   *string `json:"value"`            // from 0 to the modulus less 1, or null
	Reason  string  `json:"reason,omitempty"` // why Value is null
}
