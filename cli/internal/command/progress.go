package command

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progressInterval is how often the line of progress changes.
const progressInterval = 100 * time.Millisecond

// progress is a line on a terminal that rewrites itself. Elsewhere it shows nothing.
type progress struct {
	out   io.Writer // nil shows nothing
	next  time.Time // when the line may change again
	shown bool
}

func newProgress(out io.Writer, quiet bool) *progress {
	if quiet || !isTerminal(out) {
		return &progress{}
	}
	return &progress{out: out, next: time.Now().Add(progressInterval)}
}

// show is a function.Progress.
func (p *progress) show(fraction float64, phase string) {
	if p.out == nil || time.Now().Before(p.next) {
		return
	}
	p.next, p.shown = time.Now().Add(progressInterval), true
	_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s: %.0f %%", phase, 100*fraction) // a lost line of progress harms nobody
}

// clear removes the line.
func (p *progress) clear() {
	if p.shown {
		_, _ = io.WriteString(p.out, "\r\x1b[K")
	}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
