package check

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"gopkg.in/yaml.v3"
)

// root is the top of the tree.
const root = "../.."

// stack is all that docker-compose.yml starts, with the files that it mounts, as those who read them understand them.
type stack struct {
	compose *types.Project // the profile full, which is everything
	core    *types.Project
	opened  *types.Project // full, with NUMBERMILL_BIND=0.0.0.0
	text    string         // docker-compose.yml as it is written
	env     environment

	filebeat  filebeat
	heartbeat heartbeat
	apm       apmServer
	kibana    map[string]any
	collector collector
	redis     map[string]string
	nginx     map[string]string // text of each file of infra/nginx by its path there
	grafana   grafana
	elastic   []indexTemplate
	program   program
	docker    dockerfile
	guide     string // docs/operations.md
}

// environment is .env as `make up` writes it first.
type environment struct {
	values  map[string]string // those with a value; a secret's is secretOf its name
	secrets []string          // the names that are drawn
	options map[string]string // what is in comments, with the default that it tells, if any
}

// secretOf stands for what `make up` would draw.
func secretOf(name string) string {
	return (name + strings.Repeat("0123456789", 4))[:40]
}

// load reads everything. It is done anew for each breakage, since some of it cannot be copied.
func load(tb testing.TB) *stack {
	tb.Helper()
	s := &stack{text: read(tb, "docker-compose.yml"), env: readEnvironment(tb)}
	all, err := projects()
	if err != nil {
		tb.Fatalf("docker-compose.yml: %v", err)
	}
	for i, to := range []**types.Project{&s.compose, &s.core, &s.opened} {
		// With the same profiles it is a deep copy.
		if *to, err = all[i].WithProfiles(all[i].Profiles); err != nil {
			tb.Fatal(err)
		}
	}
	strictly(tb, "infra/filebeat/filebeat.yml", &s.filebeat)
	strictly(tb, "infra/heartbeat/heartbeat.yml", &s.heartbeat)
	strictly(tb, "infra/apm/apm-server.yml", &s.apm)
	strictly(tb, "infra/kibana/kibana.yml", &s.kibana)
	s.collector = readCollector(tb)
	s.redis = readRedis(tb)
	s.nginx = texts(tb, "infra/nginx")
	s.grafana = readGrafana(tb)
	s.elastic = readTemplates(tb)
	s.program = readProgram(tb)
	s.docker = readDockerfile(tb)
	s.guide = read(tb, "docs/operations.md")
	return s
}

func read(tb testing.TB, file string) string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// texts are the files below a folder, by their path in it.
func texts(tb testing.TB, folder string) map[string]string {
	tb.Helper()
	all := map[string]string{}
	top := filepath.Join(root, folder)
	err := filepath.WalkDir(top, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, path)
		all[name] = string(text)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// strictly decodes a YAML file, and fails on a name that the type does not have.
func strictly(tb testing.TB, file string, to any) {
	tb.Helper()
	if err := decode(read(tb, file), to); err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
}

func decode(text string, to any) error {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	return decoder.Decode(to)
}

var (
	drawnLine  = regexp.MustCompile(`^([A-Z_][A-Z0-9_]*)=$`)
	valueLine  = regexp.MustCompile(`^([A-Z_][A-Z0-9_]*)=(.+)$`)
	optionLine = regexp.MustCompile(`^#([A-Z_][A-Z0-9_]*)=(.*)$`)
)

func readEnvironment(tb testing.TB) environment {
	tb.Helper()
	return environmentOf(read(tb, ".env.example"))
}

func environmentOf(text string) environment {
	env := environment{values: map[string]string{}, options: map[string]string{}}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if m := drawnLine.FindStringSubmatch(line); m != nil {
			env.secrets = append(env.secrets, m[1])
			env.values[m[1]] = secretOf(m[1])
		} else if m := valueLine.FindStringSubmatch(line); m != nil {
			env.values[m[1]] = m[2]
		} else if m := optionLine.FindStringSubmatch(line); m != nil {
			env.options[m[1]] = m[2]
		}
	}
	return env
}

// projects are docker-compose.yml with the profile full, which is everything, with core, and with full and NUMBERMILL_BIND. Reading
// it takes a while, so it is done once.
var projects = sync.OnceValues(func() (all [3]*types.Project, err error) {
	example, err := os.ReadFile(filepath.Join(root, ".env.example"))
	if err != nil {
		return all, err
	}
	values := environmentOf(string(example)).values
	for _, m := range interpolated.FindAllStringSubmatch(textOf("docker-compose.yml"), -1) {
		if strings.HasPrefix(m[1], "CONFIG_") { // by up.sh
			values[m[1]] = "0123456789ab"
		}
	}
	core, opened := maps.Clone(values), maps.Clone(values)
	core["NUMBERMILL_FULL"] = ""
	opened["NUMBERMILL_BIND"], opened["NUMBERMILL_HOSTS"] = "0.0.0.0", "mill.example.org,10.0.0.7"
	for i, load := range []struct {
		values   map[string]string
		profiles []string
	}{{values, []string{"full"}}, {core, []string{"core"}}, {opened, []string{"full"}}} {
		if all[i], err = project(load.values, load.profiles); err != nil {
			return all, fmt.Errorf("with the profiles %v: %w", load.profiles, err)
		}
	}
	return all, nil
})

// project is docker-compose.yml as `docker compose config` understands it: the same code reads, checks and completes it.
func project(values map[string]string, profiles []string) (*types.Project, error) {
	var env []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		env = append(env, name+"="+values[name])
	}
	file := []string{filepath.Join(root, "docker-compose.yml")}
	options, err := cli.NewProjectOptions(file, cli.WithProfiles(profiles), cli.WithEnv(env))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

// names are the services in order.
func names(p *types.Project) []string { return slices.Sorted(maps.Keys(p.Services)) }

// value is what a service has in an environment variable.
func value(p *types.Project, service, name string) string {
	if v := p.Services[service].Environment[name]; v != nil {
		return *v
	}
	return ""
}

// change does something to a service.
func change(p *types.Project, service string, do func(*types.ServiceConfig)) {
	s := p.Services[service]
	do(&s)
	p.Services[service] = s
}

// problems collects sentences.
type problems []string

func (p *problems) add(format string, arguments ...any) {
	*p = append(*p, fmt.Sprintf(format, arguments...))
}
