package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"numbermill/shared/redistest"
)

// TestUp is the whole walk: ready, compute, Ctrl-C, nothing left but the data.
func TestUp(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	dir := filepath.Join(t.TempDir(), "data")
	p, url := up(t, dir)
	if code := status(t, url+"/jobs"); code != 200 {
		t.Errorf("the page of all jobs answers %d, want 200", code)
	}
	computesAll(t, url)
	if len(workingIn(t, dir)) == 0 && syscall.Access("/proc/self", 0) == nil {
		t.Error("no redis-server is seen to work in the data folder, so this test could not see one that is left")
	}
	p.stop()
	if left := workingIn(t, dir); len(left) > 0 {
		t.Errorf("these are left over: %q", left)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "redis"))
	if err != nil || len(entries) != 1 {
		t.Errorf("the Redis folder holds %v (%v), want its data alone", entries, err)
	}
}

// TestUpKeepsJobs starts twice on the same folder: what was computed is still there.
func TestUpKeepsJobs(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	dir := t.TempDir()
	p, url := up(t, dir)
	id := submit(t, url, known[0].function, known[0].arguments).ID
	awaitSuccess(t, url, id)
	p.stop()
	_, url = up(t, dir)
	if got := digits(t, url, id); !strings.HasPrefix(got, known[0].sha256) {
		t.Errorf("after a new start the digits have SHA-256 %s, want it to begin with %s", got, known[0].sha256)
	}
}

func TestSecondUpIsRefused(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	dir := t.TempDir()
	first, url := up(t, dir)
	second := launch(t, nil, "up", "--data", dir, "--listen", "127.0.0.1:0")
	code, lines := second.wait(startLimit)
	want := fmt.Sprintf("numbermill: another numbermill, process %d, uses %s\n", first.cmd.Process.Pid, dir)
	if said := second.err.String(); code != 1 || len(lines) > 0 || !strings.Contains(said, want) || !strings.Contains(said, "\nhint: ") {
		t.Errorf("the second exits with %d, prints %q and says %q; want 1, nothing, and %q with a hint", code, lines, said, want)
	}
	awaitSuccess(t, url, submit(t, url, "fibonacci", map[string]string{"n": "10"}).ID)
}

func TestUpOnATakenPort(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	dir := t.TempDir()
	p := launch(t, nil, "up", "--data", dir, "--listen", taken.Addr().String())
	if code, lines := p.wait(startLimit); code != 1 || len(lines) > 0 || !strings.Contains(p.err.String(), "hint: something else listens there") {
		t.Errorf("it exits with %d, prints %q and says %q, want 1, nothing, and a hint", code, lines, p.err.String())
	}
	if left := workingIn(t, dir); len(left) > 0 {
		t.Errorf("these are left over: %q", left)
	}
}

// TestParentKilled kills numbermill alone: its redis-server ends too, and the next start finishes all jobs.
func TestParentKilled(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	for name, dir := range map[string]string{"short": t.TempDir(), "deep": deepDir(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, url := up(t, dir)
			ids := submitMany(t, url, 50)
			p.kill()
			awaitNothingLeft(t, dir)
			p, url = up(t, dir)
			for _, id := range ids {
				awaitSuccess(t, url, id)
			}
			p.stop()
		})
	}
}

// TestEverythingKilled kills numbermill and its redis-server one second after the last job was accepted, which is what the
// append-only file promises to survive.
func TestEverythingKilled(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	dir := t.TempDir()
	p, url := up(t, dir)
	ids := submitMany(t, url, 50)
	<-time.After(time.Second)
	if err := syscall.Kill(redisPID(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.kill()
	awaitNothingLeft(t, dir)
	_, url = up(t, dir)
	for _, id := range ids {
		awaitSuccess(t, url, id)
	}
}

// TestRestartedAtOnce does not wait for the killed one's redis-server to end.
func TestRestartedAtOnce(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	dir := t.TempDir()
	p, url := up(t, dir)
	for range 3 {
		id := submit(t, url, "factorial", map[string]string{"n": "20000"}).ID
		p.kill()
		p, url = up(t, dir)
		awaitSuccess(t, url, id)
	}
}

// TestInterruptedWork ends in time although a job runs that takes far longer, and goes on with it at the next start.
func TestInterruptedWork(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	dir := t.TempDir()
	p, url := up(t, dir)
	id := submit(t, url, "fibonacci/recursive", map[string]string{"n": "52"}).ID
	awaitRunning(t, url, id)
	p.stop()
	_, url = up(t, dir)
	awaitRunning(t, url, id)
	var cancelled job
	call(t, "POST", url+"/v1/jobs/"+id+"/cancel", "", &cancelled)
	if cancelled.State != "cancelled" {
		t.Errorf("the job is %s, want it cancelled", cancelled.State)
	}
}

// TestStopWhileStarting is Ctrl-C by somebody who has changed their mind.
func TestStopWhileStarting(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	dir := t.TempDir()
	p := launch(t, nil, "up", "--data", dir, "--listen", "127.0.0.1:0", "--log-level", "debug")
	until(t.Context(), t, "it to begin", func() bool { return contains(p, "redis-server says") })
	p.signal(syscall.SIGINT)
	if code, _ := p.wait(stopLimit); code != 0 {
		t.Errorf("it exits with %d, want 0", code)
	}
	if left := workingIn(t, dir); len(left) > 0 {
		t.Errorf("these are left over: %q", left)
	}
}

// TestSecondSignalEndsAtOnce is for whoever does not want to wait.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	dir := t.TempDir()
	p, url := up(t, dir)
	id := submit(t, url, "fibonacci/recursive", map[string]string{"n": "52"}).ID
	awaitRunning(t, url, id)
	p.signal(syscall.SIGTERM)
	p.signal(syscall.SIGTERM) // the same one: timeout(1) sends it twice
	until(t.Context(), t, "the first signal to be seen", func() bool { return contains(p, "stopping") })
	<-time.After(2 * oneSignal)
	p.signal(syscall.SIGTERM)
	if code, _ := p.wait(time.Second); code != -1 {
		t.Errorf("it exits with %d, want it ended by the signal", code)
	}
	awaitNothingLeft(t, dir)
}

// TestRedisKilled kills the private redis-server under a running numbermill: it is started again, and nothing is lost.
func TestRedisKilled(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	dir := t.TempDir()
	p, url := up(t, dir)
	ids := submitMany(t, url, 10)
	if err := syscall.Kill(redisPID(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t.Context(), t, "a new redis-server", func() bool { return isReady(t, url) })
	for _, id := range ids {
		awaitSuccess(t, url, id)
	}
	p.stop()
}

// TestUpInMemory has no redis-server: it says so, and does everything else.
func TestUpInMemory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, url := up(t, dir, withoutRedis(t))
	if !strings.Contains(p.err.String(), "jobs are kept in memory and end with this process") {
		t.Errorf("it does not warn that jobs end with it; it says:\n%s", p.err.String())
	}
	computesAll(t, url)
	id := submit(t, url, "fibonacci/recursive", map[string]string{"n": "52"}).ID
	awaitRunning(t, url, id)
	var j job
	call(t, "POST", url+"/v1/jobs/"+id+"/cancel", "", &j)
	if j.State != "cancelled" {
		t.Errorf("the job is %s, want it cancelled", j.State)
	}
	for path, want := range map[string]int{"/v1/jobs?state=cancelled&page_size=1000": 200, "/v1/functions": 200, "/monitor/": 200} {
		if got := status(t, url+path); got != want {
			t.Errorf("GET %s answers %d, want %d", path, got, want)
		}
	}
	if got := request(t, "DELETE", url+"/v1/jobs/"+id); got != 204 {
		t.Errorf("DELETE of the job answers %d, want 204", got)
	}
	p.stop()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the data folder holds %v (%v), want the lock alone", entries, err)
	}
}

// TestUpBeyondLoopback warns, and keeps the operator's paths to themselves.
func TestUpBeyondLoopback(t *testing.T) {
	t.Parallel()
	redistest.Need(t)
	p := launch(t, nil, "up", "--data", t.TempDir(), "--listen", "0.0.0.0:0", "--operator-listen", "127.0.0.1:0")
	url := p.ready()
	if !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Errorf("it is ready at %s, want an address that works here", url)
	}
	if !strings.Contains(p.err.String(), "there is no authentication") {
		t.Errorf("it does not warn; it says:\n%s", p.err.String())
	}
	if code := status(t, url+"/monitor/"); code != 404 {
		t.Errorf("the monitor answers %d on the main address, want 404", code)
	}
	p.stop()
}

// TestUpOnAGivenRedis needs no redis-server of its own, and says so when it cannot reach the one that is named.
func TestUpOnAGivenRedis(t *testing.T) {
	t.Parallel()
	p := launch(t, []string{"NUMBERMILL_REDIS=unix://" + filepath.Join(t.TempDir(), "no.sock")}, "up", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	if code, _ := p.wait(startLimit); code != 1 || !strings.Contains(p.err.String(), "numbermill: reach Redis: ") {
		t.Errorf("it exits with %d and says %q, want 1 and that Redis cannot be reached", code, p.err.String())
	}
}

// deepDir is a folder whose path is too long for a socket.
func deepDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), strings.Repeat("deep é", 20))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}
