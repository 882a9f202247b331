package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample is a module whose packages end in every way that go test knows.
var sample = map[string]string{
	"go.mod": "module sample\n\ngo 1.26\n",
	"mixed/mixed_test.go": `package mixed

import "testing"

func TestPlain(t *testing.T) {}

func TestParent(t *testing.T) {
	t.Run("good", func(t *testing.T) {})
	t.Run("with/slash", func(t *testing.T) {})
	t.Run("bad", func(t *testing.T) { t.Error("want more") })
}

func TestAfterItsSubtests(t *testing.T) {
	t.Run("good", func(t *testing.T) {})
	t.Error("the parent itself")
}

func TestElsewhere(t *testing.T) { t.Skip("needs the sea") }
`,
	"panics/panics_test.go": `package panics

import "testing"

func TestBefore(t *testing.T) {}

func TestPanics(t *testing.T) { panic("out of tea") }
`,
	"broken/broken_test.go": `package broken

import "testing"

func TestNever(t *testing.T) { undefinedThing() }
`,
	"exits/exits_test.go": `package exits

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	m.Run()
	os.Exit(3)
}

func TestFine(t *testing.T) {}
`,
	"bare/bare.go": "package bare\n",
}

// TestReadGo runs the real go test over a module of its own, so that a new Go which changes its
// events is noticed.
func TestReadGo(t *testing.T) {
	t.Parallel()
	events := runSample(t)

	tests, err := readGo(bytes.NewReader(events))
	if err != nil {
		t.Fatal(err)
	}

	got := map[string]verdict{}
	for _, one := range tests {
		got[title(one)] = one.verdict
	}
	want := map[string]verdict{
		"sample/mixed TestPlain":             passed,
		"sample/mixed TestParent/good":       passed,
		"sample/mixed TestParent/with/slash": passed,
		"sample/mixed TestParent/bad":        failed,
		// Its subtest counts, and so does its own failure.
		"sample/mixed TestAfterItsSubtests/good": passed,
		"sample/mixed TestAfterItsSubtests":      failed,
		"sample/mixed TestElsewhere":             skipped,
		"sample/panics TestBefore":               passed,
		"sample/panics TestPanics":               failed,
		"sample/broken":                          failed,
		"sample/exits TestFine":                  passed,
		"sample/exits":                           failed,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}

	details := map[string]string{
		"sample/mixed TestParent/bad": "want more",
		"sample/mixed TestElsewhere":  "needs the sea",
		"sample/panics TestPanics":    "out of tea",
		"sample/broken":               "undefinedThing",
	}
	for _, one := range tests {
		if want := details[title(one)]; !strings.Contains(one.detail, want) {
			t.Errorf("%s: got detail %q, want it to hold %q", title(one), one.detail, want)
		}
	}
}

// TestReadGoCutShort reads events that stop in the middle, as after a kill.
func TestReadGoCutShort(t *testing.T) {
	t.Parallel()
	events := `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/sub"}
{"Action":"output","Package":"p","Test":"TestA/sub","Output":"    a_test.go:3: half way\n"}
not an event at all
{"Action":"start","Package":"q"}
`
	tests, err := readGo(strings.NewReader(events))
	if err != nil {
		t.Fatal(err)
	}
	want := []test{
		{where: "p", name: "TestA/sub", verdict: failed, detail: "did not finish\n    a_test.go:3: half way\n"},
		{where: "q", verdict: failed, detail: "ended without a verdict"},
	}
	if diff := cmp.Diff(want, tests, cmp.AllowUnexported(test{})); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
}

// TestWatch prints a line a package that ended, with its failures.
func TestWatch(t *testing.T) {
	t.Parallel()
	events := `{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p","Elapsed":1.5}
{"Action":"skip","Package":"bare"}
`
	var out bytes.Buffer
	if err := watch(strings.NewReader(events), &out); err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(out.String())
	want := []string{"p", "2", "tests", "1.5", "s", "1", "FAILED"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// runSample writes the sample module and returns what go test says of it.
func runSample(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, text := range sample {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	events, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return events
}
