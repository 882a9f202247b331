package check

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// mountsOf are the named volumes of a service by where they are mounted.
func mountsOf(p *types.Project, service string) map[string]string {
	at := map[string]string{}
	for _, v := range p.Services[service].Volumes {
		if v.Type == types.VolumeTypeVolume {
			at[v.Target] = v.Source
		}
	}
	return at
}

// within tells whether a path is in one of the mounts.
func within(path string, mounts map[string]string) bool {
	for target := range mounts {
		if path == target || strings.HasPrefix(path, target+"/") {
			return true
		}
	}
	return false
}

// mounts says that every file is there and cannot be changed from inside, and that every volume is used.
func mounts(s *stack) (p problems) {
	used := map[string]bool{}
	top, err := filepath.Abs(root)
	if err != nil {
		return problems{err.Error()}
	}
	for _, name := range names(s.compose) {
		for _, v := range s.compose.Services[name].Volumes {
			if v.Type == types.VolumeTypeVolume {
				used[v.Source] = true
				continue
			}
			if _, err := os.Stat(v.Source); err != nil {
				p.add("%s mounts %v", name, err)
			}
			if !v.ReadOnly {
				p.add("%s can write to %s", name, v.Source)
			}
			if !strings.HasPrefix(v.Source, filepath.Join(top, "infra")+"/") && v.Source != filepath.Join(top, "docs", "runbooks") {
				p.add("%s mounts %s, which is neither in infra nor the runbooks", name, v.Source)
			}
		}
	}
	for _, name := range names(s.compose) {
		c := s.compose.Services[name]
		files := slices.ContainsFunc(c.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Type == types.VolumeTypeBind })
		if scripts := name == "volumes" || name == "housekeeper"; files && !scripts && c.Labels["numbermill.config"] == "" {
			p.add("%s would go on with its old files when they change", name)
		}
	}
	for volume := range s.compose.Volumes {
		if !used[volume] {
			p.add("nobody uses the volume %s", volume)
		}
	}
	if a, w := mountsOf(s.compose, "api"), mountsOf(s.compose, "worker"); a["/results"] != "results" || w["/results"] != "results" {
		p.add("api and worker do not share the digits")
	}
	for _, name := range []string{"api", "worker"} {
		if got := value(s.compose, name, "NUMBERMILL_RESULTS"); !within(got, mountsOf(s.compose, name)) {
			p.add("%s keeps its digits in %s, which is no volume", name, got)
		}
	}
	for service, target := range map[string]string{
		"filebeat": "/usr/share/filebeat/data", "heartbeat": "/usr/share/heartbeat/data", "grafana": "/var/lib/grafana",
		"elasticsearch": "/usr/share/elasticsearch/data",
	} {
		if !within(target, mountsOf(s.compose, service)) {
			p.add("%s forgets what it has in %s", service, target)
		}
	}
	if repo := value(s.compose, "elasticsearch", "path.repo"); mountsOf(s.compose, "elasticsearch")[repo] != "es-snapshots" {
		p.add("snapshots go to %s, which is no volume", repo)
	}
	return p
}

var (
	interpolated = regexp.MustCompile(`\$\{([A-Z_][A-Z0-9_]*)`)
	withDefault  = regexp.MustCompile(`\$\{([A-Z_][A-Z0-9_]*):-([^${}]*)\}`)
)

// variables says that what docker-compose.yml asks for is in .env or explained there, and the other way round.
func variables(s *stack) (p problems) {
	known := slices.Concat(slices.Collect(maps.Keys(s.env.values)), slices.Collect(maps.Keys(s.env.options)))
	var byScript []string
	for _, m := range regexp.MustCompile(`(?m)^(?:mark|export) ([A-Z_ ]+)`).FindAllStringSubmatch(textOf("scripts/up.sh"), -1) {
		byScript = append(byScript, strings.Fields(m[1])...)
	}
	asked := map[string]bool{}
	for _, m := range interpolated.FindAllStringSubmatch(strings.ReplaceAll(s.text, "$$", ""), -1) {
		asked[m[1]] = true
		if !slices.Contains(known, m[1]) && !slices.Contains(byScript, m[1]) {
			p.add("${%s} is not in .env.example", m[1])
		}
	}
	for _, m := range withDefault.FindAllStringSubmatch(s.text, -1) {
		if told := s.env.options[m[1]]; told != "" && told != m[2] {
			p.add("%s is %q unless .env says otherwise, and .env.example tells %q", m[1], m[2], told)
		}
	}
	for _, name := range known {
		if !asked[name] && name != "COMPOSE_PROFILES" && name != "NUMBERMILL_OPEN" { // for compose itself, and for up.sh
			p.add("%s of .env.example is used by nobody", name)
		}
	}
	return p
}

var (
	secretName = regexp.MustCompile(`PASSWORD|TOKEN|SECRET|_KEY$`)
	notSecret  = regexp.MustCompile(`^(GF_SECURITY_DISABLE_.*|NB_TLS_KEY|(PAGERDUTY_INTEGRATION|NUMBERMILL_PAGERDUTY)_KEY|GF_PLUGINS_.*|GF_SMTP_PASSWORD)$`)
)

// passwords says that every secret is one that was drawn for this machine, and that each of these is used.
func passwords(s *stack) (p problems) {
	used := map[string]bool{}
	for _, name := range names(s.compose) {
		for variable, v := range s.compose.Services[name].Environment {
			if v == nil {
				continue
			}
			found := false
			for _, secret := range s.env.secrets {
				if strings.Contains(*v, secretOf(secret)) {
					used[secret], found = true, true
				}
			}
			if secretName.MatchString(variable) && !notSecret.MatchString(variable) && !found {
				p.add("%s of %s is %q, which was not drawn", variable, name, *v)
			}
			if u, err := url.Parse(*v); err == nil && u.User != nil && !found {
				p.add("%s of %s has a password that was not drawn", variable, name)
			}
		}
		if c := s.compose.Services[name]; containsSecret(s, fmt.Sprint(c.Command, c.Entrypoint)) {
			p.add("a secret is on the command line of %s", name)
		}
	}
	for _, secret := range s.env.secrets {
		if !used[secret] {
			p.add("nobody uses %s", secret)
		}
	}
	if value(s.compose, "elasticsearch", "xpack.security.enabled") != "true" {
		p.add("Elasticsearch lets everybody in")
	}
	if value(s.compose, "grafana", "GF_AUTH_ANONYMOUS_ENABLED") != "false" {
		p.add("Grafana lets everybody in")
	}
	return p
}

func containsSecret(s *stack, text string) bool {
	return slices.ContainsFunc(s.env.secrets, func(name string) bool { return strings.Contains(text, secretOf(name)) })
}

// splitAddress splits host:port; a URL may have a scheme before it.
func splitAddress(address string) (host, port string) {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Hostname(), u.Port()
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", ""
	}
	return host, port
}

// listens are the ports of each service, from its own files and flags. A loopback address is for the container alone.
func (s *stack) listens() map[string][]string {
	port := func(address string) string { _, p := splitAddress(address); return p }
	of := func(service, variable string) string { return value(s.compose, service, variable) }
	flag := func(service, name string) string { return flagValue(s.compose.Services[service], name) }
	all := map[string][]string{
		"nginx":         {of("nginx", "NB_LISTEN"), of("nginx", "NB_TLS_LISTEN"), of("nginx", "NB_OPERATOR_LISTEN")},
		"api":           {port(flag("api", "--listen")), port(flag("api", "--operator-listen"))},
		"worker":        {port(flag("worker", "--operator-listen"))},
		"redis":         {s.redis["port"]},
		"elasticsearch": {"9200"}, // the images' own
		"kibana":        {"5601"},
		"grafana":       {"3000"},
		"apm-server":    {s.apm.port()},
		"filebeat":      {strconv.Itoa(s.filebeat.HTTP.Port)},
		"heartbeat":     {strconv.Itoa(s.heartbeat.HTTP.Port)},
	}
	for _, endpoint := range s.collector.endpoints() {
		all["otel-collector"] = append(all["otel-collector"], port(endpoint))
	}
	return all
}

var checked = regexp.MustCompile(`(?:localhost|127\.0\.0\.1)[:/]([0-9]{2,5})|(redis-cli)`)

// healthChecks ask a port that the service listens on, and every service that stays has one where its image allows it.
func healthChecks(s *stack) (p problems) {
	listens := s.listens()
	without := []string{"housekeeper", "otel-collector", "setup", "setup-kibana", "volumes"}
	for _, name := range names(s.compose) {
		h := s.compose.Services[name].HealthCheck
		if h == nil || h.Disable {
			if !slices.Contains(without, name) {
				p.add("nobody asks how %s is", name)
			}
			continue
		}
		if h.Interval == nil || h.Timeout == nil || h.Retries == nil || *h.Timeout > *h.Interval {
			p.add("%s is asked without an end, or before it has answered", name)
		}
		m := checked.FindStringSubmatch(strings.Join(h.Test, " "))
		if m == nil {
			p.add("it cannot be told what %v asks", h.Test)
		} else if m[2] == "" && !slices.Contains(listens[name], m[1]) {
			p.add("%s is asked on port %s, and listens on %v", name, m[1], listens[name])
		}
	}
	if c := s.compose.Services["otel-collector"].HealthCheck; c == nil || !c.Disable {
		p.add("the Collector's image has nothing that could ask how it is")
	}
	if _, port := splitAddress(s.docker.health[len(s.docker.health)-1]); port != s.docker.expose {
		p.add("the image asks port %s and exposes %s", port, s.docker.expose)
	}
	return p
}

var address = regexp.MustCompile(`\b(?:https?|redis)://(?:[^@/ ]*@)?([a-z][a-z-]*):([0-9]+)|\bserver ([a-z-]+):([0-9]+) resolve`)

// addresses says that whoever names another service can reach it, on a port that it listens on.
func addresses(s *stack) (p problems) {
	listens := s.listens()
	for _, from := range names(s.compose) {
		c := s.compose.Services[from]
		said := append([]string{mountedText(c)}, c.Command...)
		for _, v := range c.Environment {
			if v != nil {
				said = append(said, *v)
			}
		}
		for _, m := range address.FindAllStringSubmatch(strings.Join(said, "\n"), -1) {
			to, port := m[1]+m[3], m[2]+m[4]
			if to == "localhost" || to == from {
				continue // a person's browser, or itself
			}
			if !slices.Contains(listens[to], port) {
				p.add("%s asks %s on port %s, which listens on %v", from, to, port, listens[to])
			}
			if !share(c, s.compose.Services[to]) {
				p.add("%s asks %s, and they share no network", from, to)
			}
		}
	}
	for _, name := range []string{"api", "worker", "setup", "setup-kibana", "filebeat", "heartbeat", "apm-server", "kibana", "grafana"} {
		if !share(s.compose.Services[name], s.compose.Services["elasticsearch"]) {
			p.add("%s does not reach Elasticsearch", name)
		}
	}
	for name, ports := range listens {
		for _, published := range s.compose.Services[name].Ports {
			if !slices.Contains(ports, strconv.FormatUint(uint64(published.Target), 10)) {
				p.add("%s publishes %d, and listens on %v", name, published.Target, ports)
			}
		}
	}
	return p
}

func share(a, b types.ServiceConfig) bool {
	for network := range a.Networks {
		if _, both := b.Networks[network]; both {
			return true
		}
	}
	return false
}

// mountedText is all text of the files that a service mounts, without comments.
func mountedText(c types.ServiceConfig) string {
	var all strings.Builder
	for _, v := range c.Volumes {
		if v.Type != types.VolumeTypeBind {
			continue
		}
		_ = filepath.WalkDir(v.Source, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, ".md") {
				return err
			}
			text, err := os.ReadFile(path)
			for line := range strings.Lines(string(text)) {
				if !strings.HasPrefix(strings.TrimSpace(line), "#") {
					all.WriteString(line)
				}
			}
			return err
		})
	}
	return all.String()
}
