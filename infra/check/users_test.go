package check

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// users says that everybody comes to Elasticsearch as a user that setup makes, with the password that setup gives it and a role of that name.
func users(s *stack) (p problems) {
	setup := func(flag string) string {
		return value(s.compose, "setup", "NUMBERMILL_"+strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))+"_PASSWORD")
	}
	history, superuser := value(s.compose, "api", "NUMBERMILL_ELASTICSEARCH"), value(s.compose, "setup", "NUMBERMILL_ELASTICSEARCH")
	for _, u := range []struct{ service, user, password, given string }{
		{"filebeat", s.filebeat.Output.User, resolved(s, "filebeat", s.filebeat.Output.Password), setup("filebeat")},
		{"heartbeat", s.heartbeat.Output.User, resolved(s, "heartbeat", s.heartbeat.Output.Password), setup("heartbeat")},
		{"apm-server", s.apm.Output.User, resolved(s, "apm-server", s.apm.Output.Password), setup("apm")},
		{"grafana", s.grafana.sources[0].User, resolved(s, "grafana", s.grafana.sources[0].Secret["basicAuthPassword"]), setup("grafana")},
		{"kibana", text(s.kibana["elasticsearch.username"]), resolved(s, "kibana", text(s.kibana["elasticsearch.password"])), setup("kibana-system")},
		{"api", userOf(history), passwordOf(history), setup("numbermill")},
		{"setup", userOf(superuser), passwordOf(superuser), value(s.compose, "elasticsearch", "ELASTIC_PASSWORD")},
		{"redis", "", passwordOf(value(s.compose, "api", "NUMBERMILL_REDIS")), value(s.compose, "redis", "REDIS_PASSWORD")},
	} {
		if u.password == "" || u.password != u.given {
			p.add("%s comes with the password %q, and %q is right", u.service, u.password, u.given)
		}
		role := filepath.Join(root, "infra/elasticsearch/roles", u.user+".json")
		if u.user == "" || u.user == "elastic" || u.user == "kibana_system" {
			continue // no user, or one of Elasticsearch's own
		}
		if _, err := os.Stat(role); err != nil {
			p.add("%s comes as %s, for whom there is no role", u.service, u.user)
		}
	}
	for _, source := range s.grafana.sources {
		if source.User != s.grafana.sources[0].User || source.Secret["basicAuthPassword"] != s.grafana.sources[0].Secret["basicAuthPassword"] {
			p.add("the data source %s has another user", source.UID)
		}
	}
	if value(s.compose, "api", "NUMBERMILL_ELASTICSEARCH") != value(s.compose, "worker", "NUMBERMILL_ELASTICSEARCH") ||
		value(s.compose, "api", "NUMBERMILL_REDIS") != value(s.compose, "worker", "NUMBERMILL_REDIS") {
		p.add("api and worker do not meet")
	}
	for variable := range s.compose.Services["setup"].Environment {
		if value(s.compose, "setup-kibana", variable) != value(s.compose, "setup", variable) {
			p.add("the two setups differ in %s", variable)
		}
	}
	return p
}

func text(v any) string {
	t, _ := v.(string)
	return t
}

var userInfo = regexp.MustCompile(`://([^:@/]*):([^@/]*)@`)

func userOf(address string) string { return part(address, 1) }

func passwordOf(address string) string { return part(address, 2) }

func part(address string, n int) string {
	if m := userInfo.FindStringSubmatch(address); m != nil {
		return m[n]
	}
	return ""
}

// reference is ${NAME} or ${env:NAME}, with Beats' default after a colon.
var reference = regexp.MustCompile(`\$\{(?:env:)?([A-Z_][A-Z0-9_]*)(?::[^}]*)?\}`)

// resolved replaces ${NAME} by what the service's container has.
func resolved(s *stack, service, text string) string {
	return reference.ReplaceAllStringFunc(text, func(r string) string {
		return value(s.compose, service, reference.FindStringSubmatch(r)[1])
	})
}

// mountedVariables says that each ${NAME} in a mounted file is in the container and not empty.
func mountedVariables(s *stack) (p problems) {
	for _, name := range names(s.compose) {
		if name == "redis" || name == "volumes" || name == "housekeeper" {
			continue // shell scripts
		}
		for _, m := range reference.FindAllStringSubmatch(strings.ReplaceAll(mountedText(s.compose.Services[name]), "$$", ""), -1) {
			if value(s.compose, name, m[1]) == "" {
				p.add("a file of %s asks for ${%s}, which its container does not have", name, m[1])
			}
		}
	}
	return p
}
