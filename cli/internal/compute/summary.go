package compute

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"numbermill/shared/job"
)

// endLength is how many leading and trailing digits a summary shows.
const endLength = 20

// Summary tells what was computed. Its JSON names are those of a job's result.
type Summary struct {
	Function     string            `json:"function"`
	Args         map[string]string `json:"args"`
	Method       string            `json:"method"`
	MediaType    string            `json:"media_type"`         // of digits or of a document
	Bytes        string            `json:"bytes"`              // written, without a newline
	Digits       string            `json:"digits,omitempty"`   // how many, in decimal; none of a document
	Leading      string            `json:"leading,omitempty"`  // none of a document
	Trailing     string            `json:"trailing,omitempty"` // none of a document
	Calls        string            `json:"calls,omitempty"`    // of the function, where they are counted
	SHA256       string            `json:"sha256"`             // of what was written, without a newline
	Timing       Timing            `json:"timing_ms"`          // elapsed
	CPU          Timing            `json:"cpu_ms"`             // of all threads
	Verification Verification      `json:"verification"`
	Output       string            `json:"output,omitempty"` // the file, if there is one
}

// newSummary tells what a result is and how it was checked.
func newSummary(r job.Result, v job.Verification) Summary {
	s := Summary{
		MediaType: r.Type(), Bytes: strconv.FormatInt(r.Size(), 10), Leading: r.Leading, Trailing: r.Trailing, SHA256: r.SHA256,
		Verification: Verification{"passed", v.Method, job.Decimal(v.Moduli), job.Decimal(v.Residues)},
	}
	if r.Type() == job.DigitsType {
		s.Digits = strconv.FormatInt(r.Digits, 10)
	}
	return s
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
	if s.Digits != "" {
		row("digits", "%s", Group(s.Digits))
		row("value", "%s", s.value())
	}
	if s.Calls != "" {
		row("calls", "%s", Group(s.Calls))
	}
	row("sha256", "%s", s.SHA256)
	row("time", "compute %.0f ms, write %.0f ms, check %.0f ms", s.Timing.Compute, s.Timing.Write, s.Timing.Verify)
	row("check", "passed: %s", s.Verification.how())
	if s.Output != "" {
		row("file", "%s", s.Output)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// how says what was compared.
func (v Verification) how() string {
	if v.Method == job.ByFacts {
		return "each statement was found a second time by other means"
	}
	return fmt.Sprintf("residues modulo %s agree", strings.Join(v.Moduli, " and "))
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
