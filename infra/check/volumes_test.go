package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// shells are those that the scripts in containers run in, as far as they are here: busybox is the containers' own.
func shells() [][]string {
	all := [][]string{{"sh"}}
	if path, err := exec.LookPath("busybox"); err == nil {
		all = append(all, []string{path, "sh"})
	}
	return all
}

// TestVolumes gives each folder to its writer, and nothing twice.
func TestVolumes(t *testing.T) {
	t.Parallel()
	for _, shell := range shells() {
		dir := t.TempDir()
		bin, log := filepath.Join(dir, "bin"), filepath.Join(dir, "log")
		if err := os.Mkdir(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		// To give folders away one has to be root, which a test is not everywhere.
		if err := os.WriteFile(filepath.Join(bin, "chown"), []byte("#!/bin/sh\necho \"$*\" >>"+log+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		run := exec.Command(shell[0], append(shell[1:], filepath.Join(root, "infra/docker/volumes.sh"), dir)...)
		run.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v %s", shell, err, out)
		}
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"-R 101:65533 " + dir + "/logs/nginx", "-R 65532:65533 " + dir + "/logs/app", "-R 65532:65532 " + dir + "/results",
			"-R 10001:10001 " + dir + "/otelcol-data", "-R 1000:0 " + dir + "/es-snapshots",
		}
		if got := strings.Split(strings.TrimSpace(string(text)), "\n"); !slices.Equal(got, want) {
			t.Errorf("%v gives %v, want %v", shell, got, want)
		}
		info, err := os.Stat(filepath.Join(dir, "logs/nginx"))
		if err != nil || info.Mode().Perm() != 0o775 {
			t.Errorf("the housekeeper cannot remove anything: %v %v", info.Mode(), err)
		}
	}
}

// TestHousekeeper removes what is old, and the oldest of what is too much, and never a file that is written.
func TestHousekeeper(t *testing.T) {
	t.Parallel()
	for _, shell := range shells() {
		dir := t.TempDir()
		ages := map[string]time.Duration{
			"nginx/access-a-2026-11-18.json": 5 * 24 * time.Hour, "app/api-x.json": 4 * 24 * time.Hour,
			"nginx/access-a-2026-11-22.json": 30 * time.Hour, "app/api-y-1.json": 5 * time.Hour,
			"nginx/access-a-2026-11-23.json": 0, "app/api-y.json": time.Minute,
		}
		for name, age := range ages {
			file := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, make([]byte, 100<<10), 0o644); err != nil {
				t.Fatal(err)
			}
			at := time.Now().Add(-age)
			if err := os.Chtimes(file, at, at); err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			most string
			want []string
		}{
			{"1000", []string{"app/api-y-1.json", "app/api-y.json", "nginx/access-a-2026-11-22.json", "nginx/access-a-2026-11-23.json"}},
			{"330", []string{"app/api-y-1.json", "app/api-y.json", "nginx/access-a-2026-11-23.json"}},
			{"1", []string{"app/api-y.json", "nginx/access-a-2026-11-23.json"}},
		} {
			run := exec.Command(shell[0], append(shell[1:], filepath.Join(root, "infra/docker/housekeeper.sh"), dir, "1")...)
			run.Env = append(os.Environ(), "MOST_KIB="+step.most)
			out, err := run.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %v %s", shell, err, out)
			}
			var left []string
			for name := range ages {
				if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
					left = append(left, name)
				}
			}
			slices.Sort(left)
			if !slices.Equal(left, step.want) {
				t.Errorf("%v with %s KiB leaves %v, want %v\n%s", shell, step.most, left, step.want, out)
			}
		}
	}
}
