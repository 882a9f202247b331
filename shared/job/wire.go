package job

import (
	"fmt"
	"strconv"
)

type verificationWire struct {
	Method   string   `json:"method"`
	Moduli   []string `json:"moduli"`
	Residues []string `json:"residues"`
}

func (v Verification) wire() verificationWire {
	return verificationWire{v.Method, Decimal(v.Moduli), Decimal(v.Residues)}
}

func (v *Verification) fromWire(w verificationWire) (err error) {
	v.Method = w.Method
	if v.Moduli, err = parseUints(w.Moduli); err != nil {
		return fmt.Errorf("moduli: %w", err)
	}
	if v.Residues, err = parseUints(w.Residues); err != nil {
		return fmt.Errorf("residues: %w", err)
	}
	return nil
}

// Decimal writes numbers as decimal strings, the form in which integers beyond 2^53 travel in JSON.
func Decimal(v []uint64) []string {
	s := make([]string, len(v))
	for i, x := range v {
		s[i] = strconv.FormatUint(x, 10)
	}
	return s
}

func parseUints(s []string) ([]uint64, error) {
	v := make([]uint64, len(s))
	for i, x := range s {
		n, err := strconv.ParseUint(x, 10, 64)
		if err != nil {
			return nil, err
		}
		v[i] = n
	}
	return v, nil
}
