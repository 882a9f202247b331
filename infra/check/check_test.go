package check

import (
	"strings"
	"testing"
)

// rules are all that must be so, by name.
var rules = map[string]func(*stack) problems{
	"services and profiles":          services,
	"images":                         images,
	"nothing beyond loopback":        published,
	"dependencies":                   dependencies,
	"hardening":                      hardening,
	"memory":                         memory,
	"volumes and files":              mounts,
	"variables of compose":           variables,
	"no default password":            passwords,
	"networks":                       networks,
	"health checks":                  healthChecks,
	"addresses":                      addresses,
	"users and their passwords":      users,
	"variables of mounted files":     mountedVariables,
	"flags of numbermill":            flags,
	"filebeat reads what is written": filebeatReads,
	"heartbeat asks what answers":    heartbeatAsks,
	"apm server":                     apmServes,
	"collector":                      collects,
	"telemetry of the program":       exports,
	"kibana":                         kibanaSettings,
	"redis":                          redisSettings,
	"nginx":                          nginxVariables,
	"grafana":                        grafanaReads,
	"templates of what is written":   templates,
	"image of numbermill":            ownImage,
	"guide":                          guides,
	"one version":                    oneVersion,
}

// TestRules asks whether the files of the platform fit those who read them, and each other.
func TestRules(t *testing.T) {
	t.Parallel()
	s := load(t)
	for name, rule := range rules {
		for _, problem := range rule(s) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// TestEachRuleCanFail breaks one thing after another, each of which a rule must name.
func TestEachRuleCanFail(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, b := range breakages {
		tried[b.rule] = true
		t.Run(b.rule+"/"+b.name, func(t *testing.T) {
			t.Parallel()
			s := load(t)
			b.do(s)
			got := strings.Join(rules[b.rule](s), "\n")
			if !strings.Contains(got, b.want) {
				t.Errorf("got %q, want it to say %q", got, b.want)
			}
		})
	}
	for name := range rules {
		if !tried[name] {
			t.Errorf("nothing shows that the rule %q can fail", name)
		}
	}
}
