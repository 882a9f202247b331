package check

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// oneShots end when they have done their work; the others live.
var oneShots = []string{"setup", "setup-kibana", "volumes"}

// services are those that the platform is made of.
func services(s *stack) (p problems) {
	core := []string{"api", "housekeeper", "nginx", "redis", "volumes", "worker"}
	full := slices.Concat(core, []string{
		"apm-server", "elasticsearch", "filebeat", "grafana", "heartbeat", "kibana", "otel-collector", "setup", "setup-kibana",
	})
	slices.Sort(full)
	if got := names(s.compose); !slices.Equal(got, full) {
		p.add("the services are %v, want %v", got, full)
	}
	if got := names(s.core); !slices.Equal(got, core) {
		p.add("the profile core has %v, want %v", got, core)
	}
	for _, name := range []string{"api", "worker"} {
		if d := s.compose.Services[name].Deploy; d == nil || d.Replicas == nil || *d.Replicas != 2 {
			p.add("%s does not run twice", name)
		}
	}
	for _, name := range []string{"api", "worker"} {
		for _, variable := range []string{"NUMBERMILL_ELASTICSEARCH", "OTEL_EXPORTER_OTLP_ENDPOINT"} {
			if value(s.core, name, variable) != "" || value(s.compose, name, variable) == "" {
				p.add("%s of %s must be set in the profile full, and in core it must not", variable, name)
			}
		}
	}
	return p
}

var exactTag = regexp.MustCompile(`^[a-z0-9./-]+:[0-9]+\.[0-9]+\.[0-9]+(-[a-z0-9.]+)*$`)

// images have exact tags, so that tomorrow's start is today's.
func images(s *stack) (p problems) {
	for _, name := range names(s.compose) {
		image := s.compose.Services[name].Image
		if image == "numbermill:local" {
			continue // built here
		}
		if !exactTag.MatchString(image) {
			p.add("the image %s of %s has no exact tag", image, name)
		}
	}
	for _, file := range s.docker.from {
		if file != "scratch" && !exactTag.MatchString(file) {
			p.add("the Dockerfile is built from %s, which is no exact tag", file)
		}
	}
	return p
}

// published are loopback ports, but for nginx's own if NUMBERMILL_BIND says so.
func published(s *stack) (p problems) {
	for _, name := range names(s.compose) {
		for _, port := range s.compose.Services[name].Ports {
			if port.HostIP != "127.0.0.1" {
				p.add("%s publishes %d on %q", name, port.Target, port.HostIP)
			}
		}
	}
	var open []string
	for _, name := range names(s.opened) {
		for _, port := range s.opened.Services[name].Ports {
			if port.HostIP != "127.0.0.1" {
				open = append(open, name+" "+port.Published)
			}
		}
	}
	if want := []string{"nginx 8080", "nginx 8443"}; !slices.Equal(open, want) {
		p.add("NUMBERMILL_BIND opens %v, want %v", open, want)
	}
	if got := value(s.opened, "api", "NUMBERMILL_ALLOWED_HOST"); got != "nginx,mill.example.org,10.0.0.7" {
		p.add("the API serves the names %s", got)
	}
	want := map[string][]string{"nginx": {"8080", "8443", "8081"}, "kibana": {"5601"}, "grafana": {"3000"}}
	for _, name := range names(s.compose) {
		var got []string
		for _, port := range s.compose.Services[name].Ports {
			got = append(got, port.Published)
		}
		if !slices.Equal(got, want[name]) {
			p.add("%s publishes %v, want %v", name, got, want[name])
		}
		if s.compose.Services[name].NetworkMode == "host" || s.compose.Services[name].Privileged {
			p.add("%s shares the machine's network or is privileged", name)
		}
	}
	return p
}

// dependencies can come true, and every service that ends is waited for, without which `docker compose up --wait` fails.
func dependencies(s *stack) (p problems) {
	for _, project := range []*types.Project{s.compose, s.core} {
		adopted := map[string]bool{}
		for _, name := range names(project) {
			for on, d := range project.Services[name].DependsOn {
				target, found := project.Services[on]
				if !found {
					if d.Required {
						p.add("%s waits for %s, which is not there", name, on)
					}
					continue
				}
				switch d.Condition {
				case types.ServiceConditionHealthy:
					if target.HealthCheck == nil || target.HealthCheck.Disable {
						p.add("%s waits until %s is healthy, and nobody asks that", name, on)
					}
				case types.ServiceConditionCompletedSuccessfully:
					if !slices.Contains(oneShots, on) {
						p.add("%s waits for the end of %s, which has none", name, on)
					}
					adopted[on] = adopted[on] || !slices.Contains(oneShots, name)
				}
			}
		}
		for _, name := range oneShots {
			if _, here := project.Services[name]; here && !adopted[name] {
				p.add("no service that stays waits for the end of %s", name)
			}
		}
	}
	for _, name := range []string{"nginx", "api", "worker", "redis"} {
		for on := range s.compose.Services[name].DependsOn {
			if _, core := s.core.Services[on]; !core {
				p.add("%s does not start without %s, which only watches", name, on)
			}
		}
	}
	for _, name := range []string{"filebeat", "heartbeat", "apm-server", "kibana", "grafana"} {
		if s.compose.Services[name].DependsOn["setup"].Condition != types.ServiceConditionCompletedSuccessfully {
			p.add("%s does not wait for setup, which makes its user", name)
		}
	}
	return p
}

// hardening is what every service can bear.
func hardening(s *stack) (p problems) {
	for _, name := range names(s.compose) {
		c := s.compose.Services[name]
		if !slices.Contains(c.CapDrop, "ALL") || !slices.Contains(c.SecurityOpt, "no-new-privileges:true") {
			p.add("%s keeps rights that it does not need", name)
		}
		if !c.ReadOnly && name != "elasticsearch" { // which writes its keystore
			p.add("%s can write to its own files", name)
		}
		if c.Logging == nil || c.Logging.Options["max-size"] == "" || c.Logging.Options["max-file"] == "" {
			p.add("what %s says is kept without bounds", name)
		}
		wantRestart := types.RestartPolicyUnlessStopped
		if slices.Contains(oneShots, name) {
			wantRestart = types.RestartPolicyNo
		}
		if c.Restart != wantRestart {
			p.add("%s restarts %q, want %q", name, c.Restart, wantRestart)
		}
		root := strings.HasPrefix(c.User, "0") || c.User == "root"
		if root != (name == "volumes") { // which gives folders to others
			p.add("%s runs as %q", name, c.User)
		}
	}
	want := map[string][]string{"volumes": {"CHOWN", "FOWNER", "DAC_OVERRIDE"}, "heartbeat": {"NET_RAW"}}
	for _, name := range names(s.compose) {
		if got := s.compose.Services[name].CapAdd; !slices.Equal(got, want[name]) {
			p.add("%s is given %v, want %v", name, got, want[name])
		}
	}
	return p
}

// networks keep those apart who have nothing to say to each other.
func networks(s *stack) (p problems) {
	members := map[string][]string{}
	for _, name := range names(s.compose) {
		for network := range s.compose.Services[name].Networks {
			members[network] = append(members[network], name)
		}
	}
	want := map[string][]string{
		"front": {"api", "heartbeat", "nginx"},
		"jobs":  {"api", "redis", "worker"},
		"observe": {
			"api", "apm-server", "elasticsearch", "filebeat", "grafana", "heartbeat", "kibana", "otel-collector", "setup", "setup-kibana", "worker",
		},
	}
	for _, network := range slices.Sorted(maps.Keys(want)) {
		if !slices.Equal(members[network], want[network]) {
			p.add("the network %s has %v, want %v", network, members[network], want[network])
		}
	}
	if len(members) != len(want) {
		p.add("there are %d networks, want %d", len(members), len(want))
	}
	if !s.compose.Networks["jobs"].Internal {
		p.add("the network jobs has a way out")
	}
	return p
}
