package setup_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"numbermill/cli/internal/setup"
	"numbermill/shared/config"
	"numbermill/shared/elastictest"
)

const elasticPassword = "correct-horse-battery"

var passwords = setup.Passwords{
	KibanaSystem: "secret-of-kibana", Filebeat: "secret-of-filebeat", Heartbeat: "secret-of-heartbeat", APM: `secret "of" apm`, Grafana: "secret-of-grafana", Numbermill: "secret-of-numbermill",
}

// With security every user gets in with its password and may do what it does, and no more. Nothing that is said tells a password.
func TestUsers(t *testing.T) {
	t.Parallel()
	node := elastictest.Own(t, elastictest.Secured(elasticPassword))
	cfg := setup.Config{Elasticsearch: config.Secret(node.URL()), Passwords: passwords}
	lines := mustRun(t, cfg)
	for _, want := range []string{"index jobs-numbermill is made", "role grafana_reader is in place", "user grafana_reader is in place", "user kibana_system is in place"} {
		if !slices.Contains(lines, want) {
			t.Errorf("it does not say %q: %q", want, lines)
		}
	}
	const document = `{"@timestamp": "2026-01-02T03:04:05Z"}`
	tests := []struct {
		user, password, method, target, body string
		want                                 int
	}{
		{"filebeat_writer", "secret-of-filebeat", "GET", "/", "", 200},
		{"filebeat_writer", "secret-of-filebeat", "POST", "/logs-nginx.access-default/_doc", document, 201},
		{"filebeat_writer", "secret-of-filebeat", "POST", "/logs-numbermill.app-default/_doc", document, 201},
		{"filebeat_writer", "secret-of-filebeat", "POST", "/heartbeat-8.19.21/_doc", document, 403},
		{"filebeat_writer", "secret-of-filebeat", "GET", "/logs-nginx.access-default/_search", "", 403},
		{"heartbeat_writer", "secret-of-heartbeat", "POST", "/heartbeat-8.19.21/_doc", document, 201},
		{"heartbeat_writer", "secret-of-heartbeat", "GET", "/heartbeat-8.19.21/_search", "", 200},
		{"heartbeat_writer", "secret-of-heartbeat", "POST", "/logs-nginx.access-default/_doc", document, 403},
		{"apm_writer", `secret "of" apm`, "GET", "/", "", 200},
		{"apm_writer", `secret "of" apm`, "POST", "/traces-apm-default/_doc", document, 201},
		{"apm_writer", `secret "of" apm`, "GET", "/traces-apm-default/_search", "", 403},
		{"grafana_reader", "secret-of-grafana", "GET", "/logs-nginx.access-*,heartbeat-*,traces-apm-*,metrics-apm.app.*,jobs-numbermill,anomalies-numbermill-*/_search", "", 200},
		{"grafana_reader", "secret-of-grafana", "GET", "/logs-nginx.access-*/_mapping", "", 200},
		{"grafana_reader", "secret-of-grafana", "POST", "/jobs-numbermill/_doc", document, 403},
		{"numbermill", "secret-of-numbermill", "GET", "/", "", 200},
		{"numbermill", "secret-of-numbermill", "PUT", "/jobs-numbermill/_create/a?refresh=wait_for", document, 201},
		{"numbermill", "secret-of-numbermill", "PUT", "/jobs-numbermill/_doc/a", document, 200},
		{"numbermill", "secret-of-numbermill", "POST", "/jobs-numbermill/_search", `{"query": {"term": {"function": "fibonacci"}}}`, 200},
		{"numbermill", "secret-of-numbermill", "POST", "/jobs-numbermill/_pit?keep_alive=1m", "", 200},
		{"numbermill", "secret-of-numbermill", "POST", "/jobs-numbermill/_refresh", "", 200},
		{"numbermill", "secret-of-numbermill", "PUT", "/jobs-numbermill/_doc/b", document, 201},
		{"numbermill", "secret-of-numbermill", "DELETE", "/jobs-numbermill/_doc/b", "", 200},
		{"numbermill", "secret-of-numbermill", "DELETE", "/jobs-numbermill", "", 403},
		{"numbermill", "secret-of-numbermill", "PUT", "/anomalies-numbermill-default/_create/x?refresh=true", document, 201},
		{"numbermill", "secret-of-numbermill", "GET", "/logs-nginx.access-*,heartbeat-*,metrics-apm.app.*,traces-apm-*,anomalies-numbermill-*/_search?ignore_unavailable=true", "", 200},
		{"numbermill", "secret-of-numbermill", "POST", "/logs-nginx.access-default/_doc", document, 403},
		{"numbermill", "secret-of-numbermill", "PUT", "/_security/user/me", `{"password": "abcdefgh", "roles": ["superuser"]}`, 403},
		{"kibana_system", "secret-of-kibana", "GET", "/_security/_authenticate", "", 200},
		{"grafana_reader", "secret-of-numbermill", "GET", "/", "", 401},
	}
	for _, tt := range tests {
		if got, said := ask(t, node, tt.user, tt.password, tt.method, tt.target, tt.body); got != tt.want {
			t.Errorf("%s %s as %s answers %d, want %d: %.300s", tt.method, tt.target, tt.user, got, tt.want, said)
		}
	}

	// Again, with another password for one, none for another, and jobs in the index.
	again := mustRun(t, setup.Config{Elasticsearch: config.Secret(node.URL()), Passwords: setup.Passwords{Grafana: "another-secret"}})
	for _, want := range []string{"user filebeat_writer is left alone: --filebeat-password is not given", "index jobs-numbermill was there, and has the mapping of today"} {
		if !slices.Contains(again, want) {
			t.Errorf("again it does not say %q: %q", want, again)
		}
	}
	for user, password := range map[string]string{"grafana_reader": "another-secret", "filebeat_writer": "secret-of-filebeat"} {
		if got, said := ask(t, node, user, password, http.MethodGet, "/", ""); got != http.StatusOK {
			t.Errorf("%s gets %d, want 200: %s", user, got, said)
		}
	}
	node.Refresh("jobs-numbermill")
	if got := node.Count("jobs-numbermill", ""); got != 1 {
		t.Errorf("the index of jobs holds %d, want the one that was there", got)
	}
	wantNoSecrets(t, append(lines, again...))
	wantRefusals(t, node)
	wantMisfitTold(t, node)
}

// wantRefusals sets up as those who may not.
func wantRefusals(t *testing.T, node *elastictest.Node) {
	t.Helper()
	tests := []struct{ user, password, want string }{
		{"elastic", "not-the-password", "Elasticsearch refuses with 401 Unauthorized"},
		{"numbermill", "secret-of-numbermill", "put component template logs-apm.app@custom: Elasticsearch refuses with 403 Forbidden: action ["},
	}
	for _, tt := range tests {
		u, err := url.Parse(node.URL())
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(tt.user, tt.password)
		lines, err := run(t, setup.Config{Elasticsearch: config.Secret(u.String()), Passwords: passwords, Wait: 4 * time.Second})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("as %s the error is %v, want %q in it", tt.user, err, tt.want)
		}
		wantNoSecrets(t, append(lines, fmt.Sprint(err)))
		if strings.Contains(fmt.Sprint(err), tt.password) {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

// wantMisfitTold sets up over an index of jobs that has other types. It stays as it is, and that is told.
func wantMisfitTold(t *testing.T, node *elastictest.Node) {
	t.Helper()
	node.Call(http.MethodDelete, "/jobs-numbermill", nil)
	node.Call(http.MethodDelete, "/_index_template/jobs-numbermill", nil)
	node.Bulk("jobs-numbermill", `{"function": "fibonacci", "digits": "12"}`)
	lines := mustRun(t, setup.Config{Elasticsearch: config.Secret(node.URL())})
	if !slices.ContainsFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "warning: index jobs-numbermill was there and keeps its mapping") && strings.Contains(line, "cannot be changed from type [text] to [")
	}) {
		t.Errorf("it does not warn of the mapping: %q", lines)
	}
	if got := node.Count("jobs-numbermill", ""); got != 1 {
		t.Errorf("the index of jobs holds %d, want the one that was there", got)
	}
}

func ask(t *testing.T, node *elastictest.Node, user, password, method, target, body string) (status int, said string) {
	t.Helper()
	u, err := url.Parse(node.URL())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+u.Host+target, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(user, password)
	r.Header.Set("Content-Type", "application/json")
	reply, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply.StatusCode, string(text)
}

// wantNoSecrets looks for every password in what was said.
func wantNoSecrets(t *testing.T, said []string) {
	t.Helper()
	p := passwords
	for _, secret := range []config.Secret{elasticPassword, p.KibanaSystem, p.Filebeat, p.Heartbeat, p.APM, p.Grafana, p.Numbermill, "another-secret"} {
		for _, line := range said {
			if strings.Contains(line, secret.Reveal()) {
				t.Errorf("a password is in %q", line)
			}
		}
	}
}
