package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
	"numbermill/shared/redistest"
)

// The secrets of the stack beside Redis, each with a word of its own so that a leak names itself.
var stackSecrets = map[string]string{
	"elasticsearch": "tin-drum-of-elastic", "kibana": "tin-drum-of-the-browser", "otlp": "tin-drum-of-otlp", "pagerduty": "tindrumofpagerduty0123456789abcd",
	"kibana-system-password": "tin-drum-of-kibana-system", "filebeat-password": "tin-drum-of-filebeat", "heartbeat-password": "tin-drum-of-heartbeat",
	"apm-password": "tin-drum-of-apm", "grafana-password": "tin-drum-of-grafana", "numbermill-password": "tin-drum-of-numbermill",
}

// refusingElasticsearch takes no password.
func refusingElasticsearch(t *testing.T) (address string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error": {"type": "security_exception", "reason": "unable to authenticate user [elastic]"}, "status": 401}`))
	}))
	t.Cleanup(server.Close)
	return withUser(server.URL)
}

// unreachable is an address at which nobody listens.
const unreachable = "http://127.0.0.1:1"

func withUser(address string) string {
	return strings.Replace(address, "http://", "http://elastic:"+stackSecrets["elasticsearch"]+"@", 1)
}

// inFile writes a secret into a file, as a container gets it.
func inFile(t *testing.T, secret string) (path string) {
	t.Helper()
	path = filepath.Join(platformtest.Folder(t), "secret")
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Passwords for Elasticsearch, for the collector and for PagerDuty work from a flag, a variable and a file, and show up nowhere: not in a log
// at its most talkative, with the servers gone or refusing, and in no answer.
func TestStackPasswordsStaySecret(t *testing.T) {
	t.Parallel()
	redis, results := redistest.Start(t), platformtest.Folder(t)
	telling := []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + unreachable, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20" + stackSecrets["otlp"],
		"OTEL_METRIC_EXPORT_INTERVAL=500", "OTEL_BSP_SCHEDULE_DELAY=500", "NUMBERMILL_PAGERDUTY_KEY=" + stackSecrets["pagerduty"], "NUMBERMILL_REDIS=" + redis,
	}
	arguments := func(more ...string) []string { return append(more, "--results", results, "--log-level", "debug") }
	refusing := refusingElasticsearch(t)
	front := platformtest.Start(t, platformtest.Command{
		Args: arguments("api", "--listen", "127.0.0.1:0"), Env: append(slices.Clone(telling), "NUMBERMILL_ELASTICSEARCH_FILE="+inFile(t, refusing)),
	})
	other := platformtest.Start(t, platformtest.Command{
		Args: arguments("api", "--listen", "127.0.0.1:0", "--elasticsearch", withUser(unreachable)), Env: telling,
	})
	workers := []*platformtest.Process{
		platformtest.Start(t, platformtest.Command{Args: arguments("worker", "--elasticsearch", withUser(unreachable)), Env: telling}),
		platformtest.Start(t, platformtest.Command{Args: arguments("worker"), Env: append(slices.Clone(telling), "NUMBERMILL_ELASTICSEARCH="+refusing)}),
	}
	for _, p := range []*platformtest.Process{front, other} {
		c := platformtest.NewClient(t, p.AwaitReady(t))
		await(t, c, submit(t, c, "fibonacci", "n=4321").ID, job.Succeeded, platformtest.Patience)
		for _, path := range []string{"/v1/status", jobs + "?created_before=2020-01-01T00:00:00Z", "/readyz", "/metrics"} {
			if r := request(t, c, http.MethodGet, path, ""); strings.Contains(string(r.Body), "tin-drum") {
				t.Errorf("a password is in %s", r)
			}
		}
	}
	for _, w := range workers {
		w.Err.Await(t, platformtest.Patience, "trouble with Elasticsearch", says("the history does not take jobs; they wait in Redis until it does"))
	}
	wantNoStackSecrets(t, append(workers, front, other)...)
}

// Setup is given every password there is, by flags, by variables and by files. Whether Elasticsearch is gone, refuses or is none, it says that,
// and no password.
func TestSetupKeepsSecrets(t *testing.T) {
	t.Parallel()
	var flags, variables, files []string
	for name, secret := range stackSecrets {
		if !strings.HasSuffix(name, "-password") {
			continue
		}
		variable := "NUMBERMILL_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		flags = append(flags, "--"+name, secret)
		variables = append(variables, variable+"="+secret)
		files = append(files, variable+"_FILE="+inFile(t, secret))
	}
	kibana := "http://elastic:" + stackSecrets["kibana"] + "@127.0.0.1:1"
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }))
	t.Cleanup(other.Close)
	for name, address := range map[string]string{"gone": withUser(unreachable), "refusing": refusingElasticsearch(t), "another": withUser(other.URL)} {
		for _, c := range []platformtest.Command{
			{Args: append([]string{"setup", "--wait", "1s", "--elasticsearch", address, "--kibana", kibana}, flags...)},
			{Args: []string{"setup", "--wait", "1s"}, Env: append(slices.Clone(variables), "NUMBERMILL_ELASTICSEARCH="+address, "NUMBERMILL_KIBANA="+kibana)},
			{Args: []string{"setup", "--wait", "1s"}, Env: append(slices.Clone(files), "NUMBERMILL_ELASTICSEARCH_FILE="+inFile(t, address), "NUMBERMILL_KIBANA_FILE="+inFile(t, kibana))},
		} {
			p := platformtest.Start(t, c)
			if code := p.Exit(t, platformtest.Patience); code != 1 {
				t.Errorf("with an Elasticsearch that is %s setup ends with exit code %d, want 1", name, code)
			}
			if said := p.Err.Find(func(l platformtest.Line) bool { return strings.Contains(l.Raw, "Elasticsearch") }); len(said) == 0 {
				t.Errorf("with an Elasticsearch that is %s it does not say so: %v", name, p.Err.Lines())
			}
			wantNoStackSecrets(t, p)
		}
	}
}

// An address that cannot be used is refused by its setting's name, without what it says.
func TestBadStackAddressesStaySecret(t *testing.T) {
	t.Parallel()
	secret := stackSecrets["elasticsearch"]
	for _, address := range []string{"http://elastic:" + secret + "@%zz:9200", "elastic:" + secret + "@127.0.0.1:9200", "http://elastic:" + secret + "@", secret} {
		for _, command := range []string{"api", "worker", "setup"} {
			p := platformtest.Start(t, platformtest.Command{Args: []string{command, "--elasticsearch", address}})
			if code := p.Exit(t, platformtest.Patience); code != 2 {
				t.Errorf("%s ends with exit code %d, want 2", command, code)
			}
			if said := p.Err.Find(func(l platformtest.Line) bool { return strings.Contains(l.Raw, "--elasticsearch") }); len(said) == 0 {
				t.Errorf("%s does not say that it is about --elasticsearch: %v", command, p.Err.Lines())
			}
			wantNoStackSecrets(t, p)
		}
	}
}

func wantNoStackSecrets(t *testing.T, processes ...*platformtest.Process) {
	t.Helper()
	for _, p := range processes {
		for _, log := range []*platformtest.Log{p.Err, p.Out} {
			for what, secret := range stackSecrets {
				for _, line := range log.Find(func(l platformtest.Line) bool { return strings.Contains(l.Raw, secret) }) {
					t.Errorf("the secret of %s is in what process %d writes: %s", what, p.PID(), line.Raw)
				}
			}
		}
	}
}
