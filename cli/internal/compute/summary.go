package compute

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// endLength is how many leading and trailing digits a summary shows.
const endLength = 20

// Summary tells what was computed. Its JSON names are those of a job's result.
type Summary struct {
	Function     string            `json:"function"`
	Args         map[string]string `json:"args"`
	Method       string            `json:"method"`
	Digits       string            `json:"digits"` // how many, in decimal
	Leading      string            `json:"leading"`
	Trailing     string            `json:"trailing"`
	SHA256       string            `json:"sha256"`    // of the digits, without a newline
	Timing       Timing            `json:"timing_ms"` // elapsed
	CPU          Timing            `json:"cpu_ms"`    // of all threads
	Verification Verification      `json:"verification"`
	Output       string            `json:"output,omitempty"` // the file, if there is one
}

// Timing is the time that each phase took, in milliseconds, to a thousandth.
type Timing struct {
	Compute float64 `json:"compute"`
	Write   float64 `json:"write"`
	Verify  float64 `json:"verify"`
}

// Verification tells how the digits were checked.
type Verification struct {
	Status   string   `json:"status"`
	Method   string   `json:"method"`
	Moduli   []string `json:"moduli"`
	Residues []string `json:"residues"`
}

// WriteJSON writes the summary as one line of JSON.
func (s Summary) WriteJSON(w io.Writer) error {
	if err := json.NewEncoder(w).Encode(s); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// WriteText writes the summary for a person.
func (s Summary) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, a ...any) { _, _ = fmt.Fprintf(t, name+"\t"+format+"\n", a...) } // Flush has the error
	row("digits", "%s", Group(s.Digits))
	row("value", "%s", s.value())
	row("sha256", "%s", s.SHA256)
	row("time", "compute %.0f ms, write %.0f ms, check %.0f ms", s.Timing.Compute, s.Timing.Write, s.Timing.Verify)
	row("check", "passed: residues modulo %s agree", strings.Join(s.Verification.Moduli, " and "))
	if s.Output != "" {
		row("file", "%s", s.Output)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// value shows all digits where the two ends hold them, else the ends.
func (s Summary) value() string {
	total, err := strconv.Atoi(s.Digits)
	if err != nil || total > 2*endLength {
		return s.Leading + "…" + s.Trailing
	}
	return s.Leading + s.Trailing[min(len(s.Trailing), 2*endLength-total):]
}

// Group puts commas between the thousands of a decimal number.
func Group(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
