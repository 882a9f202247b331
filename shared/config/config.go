// Package config reads settings from flags, from the environment and, for secrets, from files.
//
// A flag --some-name is also NUMBERMILL_SOME_NAME; the flag wins. A secret may stand in the file that NUMBERMILL_SOME_NAME_FILE
// names, so that it appears in no process list. Each value is checked by its Kind where it enters, so that the message names
// the setting as the person wrote it.
package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

const (
	prefix     = "NUMBERMILL_"
	fileSuffix = "_FILE"
	// maxSecretFile is the size of the largest file read for a secret, in bytes.
	maxSecretFile = 64 << 10
	// fromFile is the annotation of a flag that may be given by file.
	fromFile = "numbermill-from-file"
)

// Error says which setting is wrong, as the person wrote it, and why.
type Error struct {
	Source string // "--listen", "NUMBERMILL_LISTEN", or "NUMBERMILL_REDIS_FILE"
	Err    error  // what is wrong and what would be accepted; without the value of a secret
}

// Error returns one line.
func (e *Error) Error() string { return e.Source + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// Add defines a flag whose value goes to *to, which holds the default.
func Add[T any](flags *pflag.FlagSet, to *T, name, usage string, kind Kind[T]) {
	AddShort(flags, to, name, "", usage, kind)
}

// AddShort is Add with a one-letter form.
func AddShort[T any](flags *pflag.FlagSet, to *T, name, letter, usage string, kind Kind[T]) {
	flag := flags.VarPF(&value[T]{to: to, kind: kind}, name, letter, usage)
	if kind.bare != "" {
		flag.NoOptDefVal = kind.bare
	}
}

// AddSecret is Add for a value that may also come from the file named by the variable with _FILE.
func AddSecret(flags *pflag.FlagSet, to *Secret, name, usage string, kind Kind[Secret]) {
	flag := flags.VarPF(&value[Secret]{to: to, kind: kind}, name, "", usage)
	flag.Annotations = map[string][]string{fromFile: nil}
	flag.DefValue = "" // a hidden one in the help would only puzzle
}

// Variable returns the name of a flag's environment variable.
func Variable(flag string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Document adds to the usage of every flag of Add the variable that it can be set by. Call it once, after the last Add.
func Document(flags *pflag.FlagSet) {
	visit(flags, func(f *pflag.Flag) {
		f.Usage += " [" + Variable(f.Name)
		if isSecret(f) {
			f.Usage += " or " + Variable(f.Name) + fileSuffix
		}
		f.Usage += "]"
	})
}

// visit calls do for each flag that was made by Add, in the order of their names.
func visit(flags *pflag.FlagSet, do func(*pflag.Flag)) {
	flags.VisitAll(func(f *pflag.Flag) {
		if _, ours := f.Value.(setting); ours {
			do(f)
		}
	})
}

// Load fills the flags of Add that were not given on the command line from the environment. An empty variable counts as not
// set. All that is wrong is reported together, each as an *Error.
func Load(flags *pflag.FlagSet, environment func(name string) (value string, found bool)) error {
	var problems []error
	visit(flags, func(f *pflag.Flag) {
		if f.Changed {
			return
		}
		source, text, err := lookup(f, environment)
		if err == nil && source != "" {
			err = set(flags, f, text)
		}
		if err != nil {
			problems = append(problems, &Error{source, err})
		}
	})
	return errors.Join(problems...)
}

// lookup returns what the environment says about a flag, and the variable that says it, or no source.
func lookup(f *pflag.Flag, environment func(string) (string, bool)) (source, text string, err error) {
	name := Variable(f.Name)
	text, _ = environment(name)
	if isSecret(f) {
		if file, _ := environment(name + fileSuffix); file != "" {
			if text != "" {
				return name + fileSuffix, "", fmt.Errorf("%s is set as well; keep one of the two", name)
			}
			text, err = readSecret(file)
			return name + fileSuffix, text, err
		}
	}
	if text == "" {
		return "", "", nil
	}
	return name, text, nil
}

func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	if info.Size() > maxSecretFile {
		return "", fmt.Errorf("%s is larger than %d bytes, which is no secret of ours", path, maxSecretFile)
	}
	b, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	text := strings.TrimSpace(string(b))
	if text == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return text, nil
}

// set is flags.Set with an error that repeats neither the name nor the value.
func set(flags *pflag.FlagSet, f *pflag.Flag, text string) error {
	err := flags.Set(f.Name, text)
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return invalid.Unwrap()
	}
	return err
}

// Explain turns pflag's error about the command line into an *Error where a value is wrong, and leaves others as they are.
func Explain(err error) error {
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return &Error{"--" + invalid.GetFlag().Name, invalid.Unwrap()}
	}
	return err
}

func isSecret(f *pflag.Flag) bool {
	_, ok := f.Annotations[fromFile]
	return ok
}
