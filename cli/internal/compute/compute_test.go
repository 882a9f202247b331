package compute_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/cli/internal/compute"
	"numbermill/shared/function"
	"numbermill/shared/job"
)

func request(t *testing.T, name string, arguments map[string]string) compute.Request {
	t.Helper()
	f, ok := function.Lookup(name)
	if !ok {
		t.Fatalf("no function %s", name)
	}
	args, err := f.ParseText(arguments)
	if err != nil {
		t.Fatal(err)
	}
	return compute.Request{Function: f, Args: args, Method: function.DefaultMethod}
}

func quiet(float64, string) {}

func TestRunEveryExample(t *testing.T) {
	t.Parallel()
	for _, f := range function.All() {
		for _, x := range f.Examples {
			r := request(t, f.Name, x.Args)
			t.Run(f.Label(r.Args), func(t *testing.T) {
				t.Parallel()
				if x.SHA256 == "" || f.Estimate(r.Args, r.Method).CostMillis > 2000 {
					return // the catalogue's own tests compute the large ones
				}
				var digits bytes.Buffer
				s, err := compute.Run(t.Context(), r, &digits, quiet)
				if err != nil {
					t.Fatal(err)
				}
				sum := sha256.Sum256(digits.Bytes())
				if got := hex.EncodeToString(sum[:]); got != x.SHA256 || s.SHA256 != x.SHA256 {
					t.Errorf("the digits have %s and the summary says %s, want %s", got, s.SHA256, x.SHA256)
				}
			})
		}
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	var digits bytes.Buffer
	s, err := compute.Run(t.Context(), request(t, "fibonacci", map[string]string{"n": "300"}), &digits, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Verification.Moduli) != 2 || s.Verification.Moduli[1] != "1000000007" || s.Verification.Status != "passed" {
		t.Errorf("the check is %+v, want two moduli, the second fixed, passed", s.Verification)
	}
	if s.Timing.Compute <= 0 || s.CPU.Compute < 0 {
		t.Errorf("it took %v ms and %v ms of a processor, want more than 0", s.Timing, s.CPU)
	}
	s.Verification, s.Timing, s.CPU = compute.Verification{}, compute.Timing{}, compute.Timing{}
	want := compute.Summary{
		Function: "fibonacci", Args: map[string]string{"n": "300"}, Method: "fast", MediaType: job.DigitsType, Bytes: "63", Digits: "63",
		Leading: "22223224462942044552", Trailing: digits.String()[43:],
		SHA256: s.SHA256,
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("the summary differs (-want +got):\n%s", diff)
	}
	var line bytes.Buffer
	if err := s.WriteJSON(&line); err != nil {
		t.Fatal(err)
	}
	var back compute.Summary
	if err := json.Unmarshal(line.Bytes(), &back); err != nil || back.Digits != "63" {
		t.Errorf("the JSON reads back as %+v (%v)", back, err)
	}
}

func TestRunOnPortableKernels(t *testing.T) {
	t.Parallel()
	r := request(t, "factorial", map[string]string{"n": "100000"})
	r.Portable = true
	s, err := compute.Run(t.Context(), r, &bytes.Buffer{}, quiet)
	if want := r.Function.Examples[1].SHA256; err != nil || s.SHA256 != want {
		t.Errorf("got digits with %s (%v), want %s", s.SHA256, err, want)
	}
}

func TestValueOfShortResults(t *testing.T) {
	t.Parallel()
	for _, n := range []string{"0", "1", "90", "97", "150", "190", "191", "192", "193"} {
		var digits, text strings.Builder
		s, err := compute.Run(t.Context(), request(t, "fibonacci", map[string]string{"n": n}), &digits, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		want := digits.String()
		if len(want) > 40 {
			want = want[:20] + "…" + want[len(want)-20:]
		}
		if got := text.String(); !strings.Contains(got, " "+want+"\n") {
			t.Errorf("F(%s) is shown as\n%s\nwant %s in it", n, got, want)
		}
	}
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := compute.Run(ctx, request(t, "factorial", map[string]string{"n": "1000000"}), &bytes.Buffer{}, func(float64, string) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

// full takes nothing more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestRunTellsOfAFullDisk(t *testing.T) {
	t.Parallel()
	_, err := compute.Run(t.Context(), request(t, "fibonacci", map[string]string{"n": "1000"}), full{}, quiet)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want the writer's error", err)
	}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "digits")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	write(t, path, "one").Discard()
	names(t, dir, "link")
	commit(t, write(t, path, "two"))
	holds(t, path, "two")
	write(t, path, "three").Discard()
	holds(t, path, "two")
	commit(t, write(t, link, "four"))
	holds(t, path, "four")
	names(t, dir, "digits", "link")
}

func TestOutputToAPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		read <- string(b)
	}()
	commit(t, write(t, path, "digits"))
	if got := <-read; got != "digits" {
		t.Errorf("the pipe gives %q, want the digits", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
		t.Errorf("the pipe has become %v (%v)", info.Mode(), err)
	}
}

func TestOutputCannotBeMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "not", "there")} {
		if _, err := compute.Create(path); err == nil {
			t.Errorf("Create(%s) gives no error", path)
		}
	}
}

func write(t *testing.T, path, text string) *compute.Output {
	t.Helper()
	o, err := compute.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return o
}

func commit(t *testing.T, o *compute.Output) {
	t.Helper()
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", path, got, err, want)
	}
}

// names checks what a folder holds.
func names(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the folder differs (-want +got):\n%s", diff)
	}
}
