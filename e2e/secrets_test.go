package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

const password = "correct-horse-battery-staple"

// A password for Redis works from a flag, a variable and a file, and shows up nowhere: not in the log, even at its most talkative and with
// Redis gone, and in no answer.
func TestRedisPasswordStaysSecret(t *testing.T) {
	t.Parallel()
	server := redistest.New(t)
	results := platformtest.Folder(t)
	requirePassword(t, server.URL())
	url := strings.Replace(server.URL(), "unix://", "unix://:"+password+"@", 1)
	file := filepath.Join(platformtest.Folder(t), "redis-url")
	if err := os.WriteFile(file, []byte(url+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	front := platformtest.Start(t, platformtest.Command{
		Args: []string{"api", "--listen", "127.0.0.1:0", "--results", results, "--log-level", "debug"},
		Env:  []string{"NUMBERMILL_REDIS_FILE=" + file},
	})
	c := platformtest.NewClient(t, front.AwaitReady(t))
	worker := platformtest.Worker(t, url, results, "--log-level", "debug")
	other := platformtest.Start(t, platformtest.Command{
		Args: []string{"worker", "--results", results, "--log-level", "debug"}, Env: []string{"NUMBERMILL_REDIS=" + url},
	})
	other.AwaitReady(t)
	await(t, c, submit(t, c, "fibonacci", "n=8765").ID, job.Succeeded, platformtest.Patience)

	answers := []platformtest.Reply{request(t, c, http.MethodGet, "/readyz", ""), request(t, c, http.MethodGet, "/monitor/api/redis_info", "")}
	server.Kill()
	awaitReadiness(t, c, http.StatusServiceUnavailable)
	answers = append(answers,
		request(t, c, http.MethodGet, "/readyz", ""), request(t, c, http.MethodGet, jobs, ""), request(t, c, http.MethodGet, "/monitor/api/redis_info", ""))
	worker.Err.Await(t, platformtest.Patience, "trouble with Redis", says("beat failed"))
	for _, r := range answers {
		if strings.Contains(string(r.Body), password) {
			t.Errorf("the password is in %s", r)
		}
	}
	wantNoPassword(t, front, worker, other)
}

// A URL that cannot be used is refused by its setting's name, without what it says.
func TestBadRedisURLStaysSecret(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"redis://:" + password + "@%zz:6379/0",
		"redis://:" + password + "@127.0.0.1:1/notadatabase",
		"http://:" + password + "@127.0.0.1:1/",
		password,
	} {
		for _, args := range [][]string{
			{"api", "--listen", "127.0.0.1:0", "--results", platformtest.Folder(t), "--redis", url},
			{"worker", "--results", platformtest.Folder(t), "--redis", url},
			{"up", "--listen", "127.0.0.1:0", "--data", platformtest.Folder(t), "--redis", url},
		} {
			p := platformtest.Start(t, platformtest.Command{Args: args})
			if code := p.Exit(t, platformtest.Patience); code <= 0 {
				t.Errorf("%v ends with exit code %d, want that of an error", args, code)
			}
			if said := p.Err.Find(func(l platformtest.Line) bool { return strings.Contains(strings.ToLower(l.Raw), "redis") }); len(said) == 0 {
				t.Errorf("%v does not say that it is about Redis: %v", args, p.Err.Lines())
			}
			wantNoPassword(t, p)
		}
	}
}

// requirePassword sets the password of a server that had none.
func requirePassword(t *testing.T, url string) {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	if err := client.ConfigSet(t.Context(), "requirepass", password).Err(); err != nil {
		t.Fatal(err)
	}
}

func wantNoPassword(t *testing.T, processes ...*platformtest.Process) {
	t.Helper()
	for _, p := range processes {
		for _, log := range []*platformtest.Log{p.Err, p.Out} {
			for _, line := range log.Find(func(l platformtest.Line) bool { return strings.Contains(l.Raw, password) }) {
				t.Errorf("the password is in what process %d writes: %s", p.PID(), line.Raw)
			}
		}
	}
}
