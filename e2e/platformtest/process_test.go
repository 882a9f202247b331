package platformtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestRelatives looks at a shell that has started another process.
func TestRelatives(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sh", "-c", "echo started; sleep 600 & read line")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out := newLog()
	cmd.Stdout, cmd.SysProcAttr, cmd.WaitDelay = out, diesWithTest(), 1
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Await(t, Patience, "that it has started", func(l Line) bool { return l.Raw == "started" })
	found, err := awaitDescendants(t, cmd.Process.Pid)
	if err != nil || len(found) != 1 || found[0].Gone(0) {
		t.Fatalf("the shell has started %v (%v), want one that runs", found, err)
	}
	_ = in.Close()
	_ = cmd.Wait() // the shell is gone, what it has started is not
	if found[0].Gone(0) {
		t.Errorf("%s is gone with the shell", found[0])
	}
	if err := found[0].Kill(); err != nil || !found[0].Gone(0) {
		t.Errorf("%s is still there: %v", found[0], err)
	}
	found[0].handle.release()
}

// awaitDescendants looks until there is one: nothing tells when a shell has started its first.
func awaitDescendants(t *testing.T, pid int) (found []Relative, err error) {
	t.Helper()
	for t.Context().Err() == nil && len(found) == 0 && err == nil {
		found, err = descendants(pid)
	}
	return found, err
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "abc", "def"), 0o700); err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(dir, "abc", "def", "run-1.txt")
	for _, name := range []string{want, filepath.Join(dir, "abc", "def", "fileblob123")} {
		if err := os.WriteFile(name, []byte("0"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := Blobs(t, dir); len(got) != 1 || got[0] != want {
		t.Errorf("got %v, want %s alone", got, want)
	}
}
