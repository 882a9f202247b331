package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// readRedis reads redis.conf: a name and a value a line.
func readRedis(tb testing.TB) map[string]string {
	tb.Helper()
	settings := map[string]string{}
	for line := range strings.Lines(read(tb, "infra/redis/redis.conf")) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, _ := strings.Cut(line, " ")
		settings[name] = value
	}
	return settings
}

// redisSettings keep every job and ask for a password.
func redisSettings(s *stack) (p problems) {
	want := map[string]string{"port": "6379", "appendonly": "yes", "maxmemory-policy": "noeviction", "bind": "0.0.0.0"}
	for name, want := range want {
		if got := s.redis[name]; got != want {
			p.add("%s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"requirepass", "dir"} {
		if s.redis[name] != "" {
			p.add("%s stands in the file, which everybody can read and every machine shares", name)
		}
	}
	c := s.compose.Services["redis"]
	if strings.Contains(strings.Join(c.Command, " "), "PASSWORD") {
		p.add("the password is on the command line")
	}
	if mounts := mountsOf(s.compose, "redis"); mounts[c.WorkingDir] != "redis-data" {
		p.add("it works in %q, which is no volume", c.WorkingDir)
	}
	return p
}

// TestRedisStarts starts a real server by start.sh and redis.conf, and asks it with the password, without, and with another.
func TestRedisStarts(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "redis") //nolint:usetesting // short, for the socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	password := secretOf("REDIS_PASSWORD")
	script, err := filepath.Abs(filepath.Join(root, "infra/redis/start.sh"))
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("sh", script, "--port", "0", "--unixsocket", socket, "--dir", dir)
	server.Env = append(os.Environ(), "REDIS_PASSWORD="+password, "REDIS_RUN="+dir, "REDIS_CONF="+strings.TrimSuffix(script, "start.sh")+"redis.conf")
	var output strings.Builder
	server.Stdout, server.Stderr = &output, &output
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Log(output.String())
		}
	})
	ask := func(password string, words ...string) string {
		cli := exec.Command("redis-cli", append([]string{"-s", socket}, words...)...)
		cli.Env = append(os.Environ(), "REDISCLI_AUTH="+password)
		answer, _ := cli.CombinedOutput() // its status says nothing
		return strings.TrimSpace(string(answer))
	}
	await(t, func() bool { return strings.Contains(ask(password, "ping"), "PONG") })
	for _, wrong := range []string{"", "another"} {
		if got := ask(wrong, "get", "key"); !strings.Contains(got, "NOAUTH") {
			t.Errorf("with the password %q it answers %q", wrong, got)
		}
	}
	for name, want := range map[string]string{"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec"} {
		if got := ask(password, "config", "get", name); got != name+"\n"+want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	// start.sh becomes the server, so it is the same process.
	listed, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(server.Process.Pid)).Output()
	if err != nil || !strings.Contains(string(listed), "redis-server") || strings.Contains(string(listed), password) {
		t.Errorf("the list of processes shows %q, want a redis-server without its password (%v)", listed, err)
	}
}

// await asks until it is so, at most for as long as a busy machine may need.
func await(t *testing.T, so func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(30 * time.Second); !so(); <-again.C {
		if time.Now().After(end) {
			t.Fatal("it did not come true in 30 s")
		}
	}
}
