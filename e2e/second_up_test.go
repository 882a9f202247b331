package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"

	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// A second `up` on the same data folder is refused with words that name the folder, and the first goes on.
func TestSecondUpIsRefused(t *testing.T) {
	t.Parallel()
	data := platformtest.Folder(t)
	_, c := platformtest.Up(t, data)

	second := platformtest.Start(t, platformtest.UpCommand(filepath.Join(data, "..", filepath.Base(data))))
	if code := second.Exit(t, platformtest.Patience); code <= 0 {
		t.Errorf("the second ended with %d, want an exit code that tells of an error", code)
	}
	said := second.Err.Find(func(l platformtest.Line) bool { return strings.Contains(l.Raw, data) && strings.Contains(l.Raw, "use") })
	if len(said) == 0 {
		t.Errorf("the second does not say that %s is in use; it says %v", data, second.Err.Lines())
	}
	if out := second.Out.Lines(); len(out) > 0 {
		t.Errorf("the second writes to standard output: %v", out)
	}
	await(t, c, submit(t, c, "fibonacci", "n=12345").ID, job.Succeeded, platformtest.Patience)
}
