package faults_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"numbermill/e2e/platformtest"
)

// Schemathesis, with all its checks and stateful, finds nothing in the API that the document does not say, in 5 minutes.
func TestSchemathesis(t *testing.T) {
	begin(t)
	program := schemathesis(t)
	config, err := filepath.Abs("schemathesis/schemathesis.toml")
	if err != nil {
		t.Fatal(err)
	}
	_, c := platformtest.Up(t, platformtest.Folder(t), "--max-cost", "1s")
	budget := sized(5*time.Minute, time.Minute)
	ctx, stop := context.WithTimeout(t.Context(), budget+3*time.Minute)
	defer stop()
	dir := platformtest.Folder(t)
	cmd := exec.CommandContext(ctx, program, "--config-file", config, "run", c.URL+"/openapi.yaml", "--no-color",
		"--max-time", strconv.Itoa(int(budget.Seconds())), "--seed", strconv.FormatUint(seed(t), 10))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "COLUMNS=150", "PYTHONUTF8=1")
	output, err := cmd.CombinedOutput()
	for _, line := range regexp.MustCompile(`(?m)^(?:.* Operations: .*|.*API Links: .*|  \d+ generated.*|=+ .* in [\d.]+s =+)$`).FindAll(output, -1) {
		note(t, "schemathesis", "%s", strings.Trim(string(bytes.TrimSpace(line)), "= "))
	}
	if err != nil {
		t.Errorf("schemathesis: %v\n%s", errors.Join(err, ctx.Err()), cut(output))
	}
	r, err := c.Do(within(t, platformtest.Patience), "GET", "/readyz", "")
	if err != nil || r.Status != 200 {
		t.Errorf("after all that: %s %v, want 200", r, err)
	}
}

// schemathesis returns where the program is.
func schemathesis(t *testing.T) string {
	t.Helper()
	program := os.Getenv("NUMBERMILL_SCHEMATHESIS")
	switch {
	case program == "" && os.Getenv("CI") == "true":
		t.Fatal("NUMBERMILL_SCHEMATHESIS does not say where schemathesis is, and with CI=true it must; scripts/schemathesis.sh installs it")
	case program == "":
		t.Skip("NUMBERMILL_SCHEMATHESIS does not say where schemathesis is; scripts/schemathesis.sh installs it and says so")
	}
	return program
}

// cut shortens long lines, as those of requests made up by a machine are, and shows the part with the failures.
func cut(output []byte) string {
	const width, most = 400, 200
	var lines []string
	_, failures, found := bytes.Cut(output, []byte("= FAILURES ="))
	if !found {
		failures = output
	}
	for line := range bytes.Lines(failures) {
		line = bytes.TrimRight(line, "\n")
		if len(line) > width {
			line = append(line[:width:width], "…"...)
		}
		if lines = append(lines, string(line)); len(lines) == most {
			break
		}
	}
	return strings.Join(lines, "\n")
}
