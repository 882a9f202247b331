package check

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// machine is a copy of the scripts with a docker on the path that notes what it is asked.
type machine struct {
	tb  testing.TB
	dir string
	env []string
}

// standIn answers as Docker does, by what the test has set; everything it is asked goes to docker.log, with the variables that compose reads.
const standIn = `#!/bin/sh
printf '%s | profiles=%s full=%s\n' "$*" "$COMPOSE_PROFILES" "$NUMBERMILL_FULL" >>"$LOG"
if [ "$1 $2" = "compose up" ]; then env | grep ^CONFIG_ | sort >"$LOG.marks"; fi
case "$1 $2" in
  "version --format") [ -n "$ENGINE" ] && echo "$ENGINE" ;;
  "compose version") [ -n "$COMPOSE" ] && echo "$COMPOSE" ;;
  "info --format") echo "$MEMORY" ;;
  "volume inspect") [ -n "$OLD_DATA" ] ;;
  "compose ps") [ -n "$RUNNING" ] && echo 0123456789ab; true ;;
  "compose build") [ -z "$NO_BUILD" ] ;;
  "compose up") [ -z "$UNHEALTHY" ] ;;
esac
`

// newMachine has a Docker that is new enough, and ports that nobody listens on.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{tb: t, dir: t.TempDir()}
	if out, err := exec.Command("cp", "-R", filepath.Join(root, "scripts"), filepath.Join(root, ".env.example"), m.dir).CombinedOutput(); err != nil {
		t.Fatalf("copy the scripts: %v %s", err, out)
	}
	m.write("bin/docker", standIn, 0o755)
	for _, file := range []string{
		"docs/runbooks/site-down.md", "infra/apm/apm-server.yml", "infra/filebeat/filebeat.yml", "infra/grafana/provisioning/x.yaml", "infra/heartbeat/heartbeat.yml",
		"infra/kibana/kibana.yml", "infra/nginx/nginx.conf", "infra/otel-collector/config.yaml", "infra/redis/redis.conf",
	} {
		m.write(file, "", 0o644)
	}
	m.env = append(os.Environ(), "LOG="+filepath.Join(m.dir, "docker.log"), "PATH="+filepath.Join(m.dir, "bin")+":"+os.Getenv("PATH"),
		"ENGINE=28.2.2", "COMPOSE=v2.39.1-desktop.1", "MEMORY=16000000000")
	for _, name := range []string{"NUMBERMILL_PORT", "NUMBERMILL_TLS_PORT", "NUMBERMILL_OPERATOR_PORT", "KIBANA_PORT", "GRAFANA_PORT"} {
		m.env = append(m.env, name+"="+freePort(t))
	}
	return m
}

// freePort is one that nobody listens on.
func freePort(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	return port
}

func (m *machine) write(file, text string, mode os.FileMode) {
	m.tb.Helper()
	path := filepath.Join(m.dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		m.tb.Fatal(err)
	}
}

func (m *machine) read(file string) string {
	m.tb.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, file))
	if err != nil && !os.IsNotExist(err) {
		m.tb.Fatal(err)
	}
	return string(text)
}

// run runs a script and returns what it says and whether it succeeds. Settings are NAME=VALUE.
func (m *machine) run(command string, settings ...string) (said string, ok bool) {
	m.tb.Helper()
	words := strings.Fields(command)
	script := exec.Command("bash", append([]string{filepath.Join(m.dir, "scripts", words[0]+".sh")}, words[1:]...)...)
	script.Env = slices.Concat(m.env, settings)
	var out bytes.Buffer
	script.Stdout, script.Stderr = &out, &out
	err := script.Run()
	return out.String(), err == nil
}

// TestUp starts everything once, and says where it is.
func TestUp(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	said, ok := m.run("up")
	if !ok {
		t.Fatal(said)
	}
	for _, want := range []string{"http://localhost:", "ELASTIC_PASSWORD in .env", "GRAFANA_ADMIN_PASSWORD in .env", "make down", "docs/operations.md"} {
		if !strings.Contains(said, want) {
			t.Errorf("it says nothing of %s:\n%s", want, said)
		}
	}
	log := m.read("docker.log")
	for _, want := range []string{
		"compose build api | profiles=full full=yes\n",
		"compose up --detach --no-build --wait --wait-timeout 900 --remove-orphans | profiles=full full=yes\n",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("docker was not asked %q, but\n%s", want, log)
		}
	}
	for line := range strings.SplitSeq(m.read(".env"), "\n") {
		if name, value, found := strings.Cut(line, "="); found && drawnName(name) && (strings.Contains(said, value) || strings.Contains(log, value)) {
			t.Errorf("%s is told", name)
		}
	}
	again, ok := m.run("up core")
	if !ok || strings.Contains(again, "Wrote .env") || strings.Contains(again, "Kibana") {
		t.Errorf("the core after that says\n%s", again)
	}
	if log := m.read("docker.log"); !strings.Contains(log, "--remove-orphans | profiles=core full=\n") {
		t.Errorf("the core is started as\n%s", log)
	}
}

// TestUpTellsOfChangedFiles marks each service's files, and those of nginx alone anew when only they change.
func TestUpTellsOfChangedFiles(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	marks := func() map[string]string {
		if said, ok := m.run("up"); !ok {
			t.Fatal(said)
		}
		all := map[string]string{}
		for line := range strings.Lines(m.read("docker.log.marks")) {
			name, mark, _ := strings.Cut(strings.TrimSpace(line), "=")
			all[name] = mark
		}
		return all
	}
	before := marks()
	m.write("infra/nginx/nginx.conf", "# changed", 0o644)
	after := marks()
	for name, mark := range after {
		if changed := before[name] != mark; len(mark) != 12 || changed != (name == "CONFIG_NGINX") {
			t.Errorf("%s was %q and is %q", name, before[name], mark)
		}
	}
	if len(after) != 8 {
		t.Errorf("the marks are %v, want eight", after)
	}
}

// TestUpSaysWhatIsMissing asks for a sentence that helps, and that nothing was started.
func TestUpSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	_, taken, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		command  string
		settings []string
		want     string
	}{
		"the engine sleeps":     {"up", []string{"ENGINE="}, "its engine does not answer"},
		"an old engine":         {"up", []string{"ENGINE=20.10.7"}, "Docker Engine 24.0 or newer is needed; this is 20.10.7"},
		"no compose":            {"up", []string{"COMPOSE="}, "compose plugin was not found"},
		"an old compose":        {"up", []string{"COMPOSE=2.17.3"}, "Docker Compose 2.24 or newer is needed; this is 2.17.3"},
		"too little memory":     {"up", []string{"MEMORY=4000000000"}, "Docker has 3814 MiB of memory; the whole platform needs 7000"},
		"too little for core":   {"up core", []string{"MEMORY=1000000000"}, "the core needs 2500"},
		"a taken port":          {"up", []string{"NUMBERMILL_PORT=" + taken}, "Port " + taken + " of this machine, which nginx needs, is taken"},
		"a taken port, Grafana": {"up", []string{"GRAFANA_PORT=" + taken}, "GRAFANA_PORT=… in .env"},
		"an unknown profile":    {"up large", nil, "There is no profile large"},
		"open without a word":   {"up", []string{"NUMBERMILL_BIND=0.0.0.0"}, "NUMBERMILL_OPEN=yes"},
		"data without secrets":  {"up", []string{"OLD_DATA=yes"}, "make down ARGS=--volumes"},
		"the image":             {"up", []string{"NO_BUILD=yes"}, "the image does not build"},
		"not all is well":       {"up", []string{"UNHEALTHY=yes"}, "make logs SERVICE=NAME"},
		"down without Docker":   {"down", []string{"ENGINE="}, "its engine does not answer"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			said, ok := m.run(tt.command, tt.settings...)
			if ok || !strings.Contains(said, tt.want) {
				t.Errorf("it says %q (success: %v), want %q", said, ok, tt.want)
			}
			if name != "not all is well" && strings.Contains(m.read("docker.log"), "compose up") {
				t.Error("it has started all the same")
			}
		})
	}
}

// TestUpWithoutDocker names the way to get it, and the way to do without.
func TestUpWithoutDocker(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if err := os.Remove(filepath.Join(m.dir, "bin/docker")); err != nil {
		t.Fatal(err)
	}
	// Nothing but what the scripts themselves need is on the path.
	for _, tool := range []string{"bash", "dirname", "mkdir", "sed", "tail", "sha256sum", "id", "git", "sort", "head"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			continue
		}
		if err := os.Symlink(path, filepath.Join(m.dir, "bin", tool)); err != nil {
			t.Fatal(err)
		}
	}
	said, ok := m.run("up", "PATH="+filepath.Join(m.dir, "bin"))
	if ok || !strings.Contains(said, "https://docs.docker.com/get-docker/") || !strings.Contains(said, "make run") {
		t.Errorf("it says %q", said)
	}
}

// TestUpAsksForReadableFiles says so of those that a strict umask has closed, and not of a key.
func TestUpAsksForReadableFiles(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.write("infra/docker/certificates/key.pem", "", 0o600)
	if said, ok := m.run("up"); !ok {
		t.Error(said)
	}
	if err := os.Chmod(filepath.Join(m.dir, "infra/kibana/kibana.yml"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, ok := m.run("up"); ok || !strings.Contains(said, "chmod -R o+rX infra docs/runbooks") {
		t.Errorf("it says %q (success: %v)", said, ok)
	}
}

// TestUpOverItself takes no offence at ports that it has itself, and lets others in after two words.
func TestUpOverItself(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	_, ours, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	m := newMachine(t)
	if said, ok := m.run("up", "NUMBERMILL_PORT="+ours, "RUNNING=yes"); !ok {
		t.Error(said)
	}
	said, ok := m.run("up", "NUMBERMILL_BIND=0.0.0.0", "NUMBERMILL_OPEN=yes")
	if !ok || !strings.Contains(said, "no authentication") || !strings.Contains(said, "NUMBERMILL_HOSTS is empty") {
		t.Errorf("it says %q (success: %v)", said, ok)
	}
}

// TestDownAndLogs see every profile, even if .env is gone.
func TestDownAndLogs(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for command, want := range map[string]string{
		"down":           "compose down --remove-orphans | profiles=core,full",
		"down --volumes": "compose down --remove-orphans --volumes | profiles=core,full",
		"logs api":       "compose logs --follow --tail 200 api | profiles=core,full",
	} {
		if said, ok := m.run(command); !ok || !strings.Contains(m.read("docker.log"), want) {
			t.Errorf("%s asks docker\n%s\nand says %q, want %q", command, m.read("docker.log"), said, want)
		}
	}
	if m.read(".env") != "" {
		t.Error("it has drawn secrets")
	}
}

var safe = regexp.MustCompile(`^[A-Za-z0-9]{40}$`)

func drawnName(name string) bool {
	return secretName.MatchString(name) && !strings.HasPrefix(name, "#")
}

// TestSecrets are long, differ, are for one user alone, and stay as they are.
func TestSecrets(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if said, ok := m.run("secrets"); !ok || !strings.Contains(said, "Wrote .env") {
		t.Fatal(said)
	}
	first := m.read(".env")
	seen := map[string]bool{}
	for _, name := range environmentOf(m.read(".env.example")).secrets {
		value := environmentOf(first).values[name]
		if !safe.MatchString(value) || seen[value] {
			t.Errorf("%s is no secret of its own", name)
		}
		seen[value] = true
	}
	mode := func() string {
		info, err := os.Stat(filepath.Join(m.dir, ".env"))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%04o", info.Mode().Perm())
	}
	if got := mode(); got != "0600" {
		t.Errorf(".env has mode %s", got)
	}
	if said, _ := m.run("secrets"); said != "" || m.read(".env") != first {
		t.Errorf("the second time it says %q", said)
	}
	// Somebody has taken two away, changed one, added one, and opened the file.
	changed := regexp.MustCompile(`(?m)^APM_PASSWORD=.*$`).ReplaceAllString(first, "APM_PASSWORD=")
	changed = regexp.MustCompile(`(?m)^REDIS_PASSWORD=.*\n`).ReplaceAllString(changed, "")
	changed = regexp.MustCompile(`(?m)^ELASTIC_PASSWORD=.*$`).ReplaceAllString(changed, "ELASTIC_PASSWORD=my own & odd \\1 one") + "MINE=kept"
	m.write(".env", changed, 0o644)
	if err := os.Chmod(filepath.Join(m.dir, ".env"), 0o644); err != nil {
		t.Fatal(err)
	}
	said, _ := m.run("secrets")
	if !strings.Contains(said, "REDIS_PASSWORD APM_PASSWORD") {
		t.Errorf("it says %q", said)
	}
	got, before := environmentOf(m.read(".env")).values, environmentOf(changed).values
	delete(before, "APM_PASSWORD")
	for name, value := range before {
		if got[name] != value {
			t.Errorf("%s was %q and is %q", name, value, got[name])
		}
	}
	if !safe.MatchString(got["APM_PASSWORD"]) || !safe.MatchString(got["REDIS_PASSWORD"]) || mode() != "0600" {
		t.Errorf("what was missing is %q and %q, in a file of mode %s", got["APM_PASSWORD"], got["REDIS_PASSWORD"], mode())
	}
}
