package config

import "log/slog"

// Kind says how a value of type T is written.
type Kind[T any] struct {
	name   string // for the usage, such as "HOST:PORT"
	parse  func(string) (T, error)
	format func(T) string
	bare   string                   // the value of the flag without "=value"; "" if it needs one
	join   func(earlier, later T) T // what a flag given twice means; nil if the later one counts
}

// value puts a Kind behind a flag.
type value[T any] struct {
	to    *T
	kind  Kind[T]
	given bool // *to is no longer the default
}

// setting marks the flags of this package among others that a command line may have.
type setting interface{ isSetting() }

func (v *value[T]) isSetting() {}

// Set parses text into the value.
func (v *value[T]) Set(text string) error {
	parsed, err := v.kind.parse(text)
	if err != nil {
		return err
	}
	if v.given && v.kind.join != nil {
		parsed = v.kind.join(*v.to, parsed)
	}
	*v.to, v.given = parsed, true
	return nil
}

// String returns the value as one would write it. pflag asks the zero value too.
func (v *value[T]) String() string {
	if v.to == nil {
		return ""
	}
	return v.kind.format(*v.to)
}

// Type names the kind in the usage.
func (v *value[T]) Type() string { return v.kind.name }

// Secret is a text that does not print itself.
type Secret string

const hidden = "REDACTED"

// Reveal returns the text.
func (s Secret) Reveal() string { return string(s) }

// String hides the text; it shows only whether there is one.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the text from %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the text from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the text from JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
