package check

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	nginxVariable = regexp.MustCompile(`\$\{(NB_[A-Z_]+)\}`)
	nginxLogName  = regexp.MustCompile(`(?m)^access_log (\S+) `)
)

// nginxVariables says that the templates' variables and compose's are the same, and that what they lead to is there.
func nginxVariables(s *stack) (p problems) {
	asked := map[string]bool{}
	for file, text := range s.nginx {
		if !strings.HasSuffix(file, ".template") {
			if nginxVariable.MatchString(text) {
				p.add("%s has variables, and is no template", file)
			}
			continue
		}
		for _, m := range nginxVariable.FindAllStringSubmatch(text, -1) {
			asked[m[1]] = true
		}
	}
	given := map[string]bool{}
	for name := range s.compose.Services["nginx"].Environment {
		if strings.HasPrefix(name, "NB_") {
			given[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if !given[name] {
			p.add("the templates ask for %s, which compose does not give", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !asked[name] {
			p.add("no template asks for %s", name)
		}
	}
	if got := value(s.compose, "nginx", "NGINX_ENVSUBST_FILTER"); got != "^NB_" {
		p.add("variables of nginx itself would be replaced: the filter is %q", got)
	}
	if got := value(s.compose, "nginx", "NB_TLS"); s.nginx["templates/tls/"+got+".conf.template"] == "" {
		p.add("there is no template for NB_TLS=%s", got)
	}
	for _, want := range []string{"/etc/nginx/conf.d", "/tmp"} {
		if !slices.ContainsFunc(s.compose.Services["nginx"].Tmpfs, func(at string) bool { return strings.HasPrefix(at, want+":") }) {
			p.add("%s cannot be written", want)
		}
	}
	if log := nginxLog(s); !within(log, mountsOf(s.compose, "nginx")) {
		p.add("the access log goes to %q, which is no volume", log)
	}
	if !strings.Contains(textOf("infra/docker/volumes.sh"), "own 101:65533 "+value(s.compose, "nginx", "NB_LOG_DIR")+" ") ||
		!strings.HasPrefix(s.compose.Services["nginx"].User, "101:") {
		p.add("nobody gives the folder of the access log to nginx")
	}
	for _, location := range s.compose.Services["nginx"].HealthCheck.Test {
		_, path, found := strings.Cut(location, "127.0.0.1:8080")
		if found && !strings.Contains(s.nginx["templates/parts/own.conf.template"], "location = "+path+" ") {
			p.add("nginx has no %s", path)
		}
	}
	return p
}

// nginxLog is the name of an access log.
func nginxLog(s *stack) string {
	for _, text := range s.nginx {
		if m := nginxLogName.FindStringSubmatch(text); m != nil {
			dir := value(s.compose, "nginx", "NB_LOG_DIR")
			return strings.NewReplacer("${NB_LOG_DIR}", dir, "$hostname", "0123456789ab", "$nb_hour", "2026-11-23T16").Replace(m[1])
		}
	}
	return ""
}
