package telemetry

import (
	"io"
	"log/slog"
	"os"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// Format is how log lines look.
type Format string

// The formats. FormatAuto is text on a terminal and JSON elsewhere.
const (
	FormatAuto Format = "auto"
	FormatText Format = "text"
	FormatJSON Format = "json"
)

// Log says where log lines go and which of them.
type Log struct {
	Writer io.Writer    // required; standard error in a program
	Level  slog.Leveler // the least that is written; nil means slog.LevelInfo
	Format Format       // "" means FormatAuto
}

// Logger returns a logger that adds trace_id, span_id and job_id from the context of each call, and keeps passwords and other
// secrets out of what it writes. Colours appear on a terminal alone, and not if NO_COLOR is set.
func Logger(cfg Log) *slog.Logger {
	terminal := isTerminal(cfg.Writer)
	if cfg.Format == FormatJSON || cfg.Format != FormatText && !terminal {
		return slog.New(newIDHandler(slog.NewJSONHandler(cfg.Writer, &slog.HandlerOptions{Level: cfg.Level, ReplaceAttr: redact})))
	}
	return slog.New(newIDHandler(tint.NewTextHandler(cfg.Writer, &tint.Options{
		Level: cfg.Level, ReplaceAttr: redact, TimeFormat: "15:04:05.000", NoColor: !terminal || os.Getenv("NO_COLOR") != "",
	})))
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
