package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const vitestText = `{"success":false,"testResults":[
 {"name":"/somewhere/form.test.ts","status":"failed","message":"","assertionResults":[
  {"fullName":" form takes digits","status":"passed","failureMessages":[]},
  {"fullName":" form refuses words","status":"failed","failureMessages":["Error: expected 1 to be 2"]},
  {"fullName":" form later","status":"todo","failureMessages":[]}]},
 {"name":"/somewhere/broken.test.ts","status":"failed","message":"Cannot find module","assertionResults":[]}]}`

func TestReadVitest(t *testing.T) {
	t.Parallel()
	got, err := readVitest(strings.NewReader(vitestText))
	if err != nil {
		t.Fatal(err)
	}
	want := []test{
		{where: "form.test.ts", name: "form takes digits", verdict: passed},
		{where: "form.test.ts", name: "form refuses words", verdict: failed, detail: "Error: expected 1 to be 2"},
		{where: "form.test.ts", name: "form later", verdict: skipped, detail: "todo"},
		{where: "broken.test.ts", verdict: failed, detail: "Cannot find module"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(test{})); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
}

// TestReport asserts the closing line and the outcome for suites that end in every way.
func TestReport(t *testing.T) {
	t.Parallel()
	const (
		pass  = `{"Action":"pass","Package":"p","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"p"}`
		skip  = `{"Action":"skip","Package":"p","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"p"}`
		nginx = "nginx\ttests behind a real nginx\tbrew install nginx\n"
	)
	cases := []struct {
		name    string
		suites  string // REPORT and LOG stand for paths
		report  string
		missing string
		strict  bool
		closing string
		ok      bool
		says    string
	}{
		{
			name: "all pass", suites: "go\tgo\t0\t3\tREPORT\tLOG\n", report: pass,
			closing: "1 passed, 0 failed, 0 skipped", ok: true,
		}, {
			name: "two runners", suites: "go\tgo\t0\t3\tREPORT\tLOG\nweb\tvitest\t0\t3\tREPORT\tLOG\n", report: pass,
			closing: "1 passed, 1 failed, 0 skipped", says: "ran no test",
		}, {
			name: "crash", suites: "go\tgo\t2\t3\tREPORT\tLOG\n", report: pass,
			closing: "1 passed, 1 failed, 0 skipped", says: "the log's last words",
		}, {
			name: "no report", suites: "web\tvitest\t1\t3\tnowhere\tLOG\n",
			closing: "0 passed, 1 failed, 0 skipped", says: "left no report",
		}, {
			name: "an empty suite", suites: "go\tgo\t0\t3\tREPORT\tLOG\n",
			closing: "0 passed, 1 failed, 0 skipped", says: "ran no test",
		}, {
			name: "a step", suites: "build\tstep\t1\t3\t\tLOG\ngo\tgo\t0\t3\tREPORT\tLOG\n", report: pass,
			closing: "1 passed, 1 failed, 0 skipped", says: "the log's last words",
		}, {
			name:    "nothing at all",
			closing: "0 passed, 0 failed, 0 skipped",
		}, {
			name: "only skips", suites: "go\tgo\t0\t3\tREPORT\tLOG\n", report: skip,
			closing: "0 passed, 0 failed, 1 skipped", says: "no reason given",
		}, {
			name: "a missing program", suites: "go\tgo\t0\t3\tREPORT\tLOG\n", report: pass, missing: nginx,
			closing: "1 passed, 0 failed, 1 skipped", ok: true, says: "brew install nginx",
		}, {
			name: "a missing program in CI", suites: "go\tgo\t0\t3\tREPORT\tLOG\n", report: pass, missing: nginx,
			strict: true, closing: "1 passed, 1 failed, 0 skipped", says: "brew install nginx",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			paths := strings.NewReplacer(
				"REPORT", write(t, dir, "report", c.report),
				"LOG", write(t, dir, "log", "the log's last words\n"),
			)
			suites := write(t, dir, "suites", paths.Replace(c.suites))
			missing := write(t, dir, "missing", c.missing)

			var out bytes.Buffer
			err := run([]string{"report", "-missing", missing, suites}, c.strict, nil, &out)

			if c.ok != (err == nil) || (err != nil && !errors.Is(err, errFailed)) {
				t.Errorf("got error %v, want success %t", err, c.ok)
			}
			if !strings.HasSuffix(out.String(), "\n"+c.closing+"\n") {
				t.Errorf("got closing line in %q, want %q", out.String(), c.closing)
			}
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("got %q, want it to say %q", out.String(), c.says)
			}
		})
	}
}

// TestReportClosesOnce: no line but the last may read like a closing line, since others look for it.
func TestReportClosesOnce(t *testing.T) {
	t.Parallel()
	s := suite{name: "go", kind: "go", tests: []test{
		{where: "p", name: "TestA", verdict: failed, detail: "3 passed, 1 failed"},
	}}
	var out bytes.Buffer
	report(&out, []suite{s}, nil, false)
	var closing []string
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, " passed, ") && !strings.HasPrefix(line, "    ") {
			closing = append(closing, strings.TrimSpace(line))
		}
	}
	if diff := cmp.Diff([]string{"0 passed, 1 failed, 0 skipped"}, closing); diff != "" {
		t.Errorf("closing lines (-want +got):\n%s", diff)
	}
}

func TestLastLines(t *testing.T) {
	t.Parallel()
	got := lastLines("1\n2\n3\n4\n", 2)
	if diff := cmp.Diff([]string{"(2 lines before)", "3", "4"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestBadCommandLine(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"repeat"}, {"report", "-nonsense"}, {"report", "/nowhere"}} {
		if err := run(args, false, nil, &bytes.Buffer{}); err == nil || errors.Is(err, errFailed) {
			t.Errorf("run(%q): got %v, want an error of its own", args, err)
		}
	}
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
