package failure_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"numbermill/cli/internal/failure"
)

func TestReport(t *testing.T) {
	t.Parallel()
	bad := errors.New("it is bad")
	tests := map[string]struct {
		err  error
		want string
		code int
	}{
		"nothing":  {nil, "", 0},
		"plain":    {bad, "numbermill: it is bad\n", 1},
		"hint":     {failure.WithHint(bad, "mend it"), "numbermill: it is bad\nhint: mend it\n", 1},
		"usage":    {failure.Usage(bad, "read the help"), "numbermill: it is bad\nhint: read the help\n", 2},
		"no hint":  {failure.Usage(bad, ""), "numbermill: it is bad\n", 2},
		"wrapped":  {fmt.Errorf("start: %w", failure.WithHint(bad, "mend it")), "numbermill: start: it is bad\nhint: mend it\n", 1},
		"two":      {errors.Join(bad, errors.New("and worse")), "numbermill: it is bad\nnumbermill: and worse\n", 1},
		"two in 1": {failure.Usage(errors.Join(bad, bad), "mend both"), "numbermill: it is bad\nnumbermill: it is bad\nhint: mend both\n", 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if code := failure.Report(&out, tt.err); code != tt.code || out.String() != tt.want {
				t.Errorf("got %q and code %d, want %q and %d", out.String(), code, tt.want, tt.code)
			}
		})
	}
	if !errors.Is(failure.WithHint(bad, "x"), bad) {
		t.Error("an error with a hint no longer is the error")
	}
}
