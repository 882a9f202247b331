package check

import (
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
)

// breakage is one thing that somebody might get wrong, and the word of the rule that must hear of it.
type breakage struct {
	rule, name string
	do         func(*stack)
	want       string
}

// set gives a service another value of a variable.
func set(service, name, to string) func(*stack) {
	return func(s *stack) { change(s.compose, service, func(c *types.ServiceConfig) { c.Environment[name] = &to }) }
}

// on changes a service.
func on(service string, do func(*types.ServiceConfig)) func(*stack) {
	return func(s *stack) { change(s.compose, service, do) }
}

// replace changes the text of a template of nginx.
func replace(file, from, to string) func(*stack) {
	return func(s *stack) { s.nginx[file] = strings.ReplaceAll(s.nginx[file], from, to) }
}

var breakages = []breakage{
	{"services and profiles", "one is missing", func(s *stack) { delete(s.compose.Services, "heartbeat") }, "the services are"},
	{"services and profiles", "one replica", on("worker", func(c *types.ServiceConfig) { c.Deploy.Replicas = new(int) }), "worker does not run twice"},
	{"services and profiles", "core exports", func(s *stack) {
		change(s.core, "api", func(c *types.ServiceConfig) { c.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = new("http://x:1") })
	}, "in core it must not"},
	{"images", "latest", on("grafana", func(c *types.ServiceConfig) { c.Image = "grafana/grafana:latest" }), "grafana/grafana:latest"},
	{"images", "a moving tag", on("redis", func(c *types.ServiceConfig) { c.Image = "redis:7.2-alpine" }), "redis:7.2-alpine"},
	{"images", "of the build", func(s *stack) { s.docker.from[0] = "node:lts" }, "node:lts"},
	{"nothing beyond loopback", "Elasticsearch", on("elasticsearch", func(c *types.ServiceConfig) {
		c.Ports = append(c.Ports, types.ServicePortConfig{Target: 9200, Published: "9200"})
	}), "elasticsearch publishes 9200"},
	{"nothing beyond loopback", "by NUMBERMILL_BIND", func(s *stack) {
		change(s.opened, "nginx", func(c *types.ServiceConfig) { c.Ports[2].HostIP = "0.0.0.0" })
	}, "NUMBERMILL_BIND opens"},
	{"nothing beyond loopback", "names that nobody serves", func(s *stack) {
		change(s.opened, "api", func(c *types.ServiceConfig) { c.Environment["NUMBERMILL_ALLOWED_HOST"] = new("nginx") })
	}, "serves the names nginx"},
	{"nothing beyond loopback", "the machine's network", on("api", func(c *types.ServiceConfig) { c.NetworkMode = "host" }), "api shares"},
	{"dependencies", "on a service without a check", on("redis", func(c *types.ServiceConfig) { c.HealthCheck = nil }), "redis is healthy"},
	{"dependencies", "on the end of what has none", on("api", func(c *types.ServiceConfig) {
		c.DependsOn["redis"] = types.ServiceDependency{Condition: types.ServiceConditionCompletedSuccessfully, Required: true}
	}), "the end of redis"},
	{"dependencies", "nobody waits for a setup", on("housekeeper", func(c *types.ServiceConfig) {
		delete(c.DependsOn, "setup-kibana")
	}), "the end of setup-kibana"},
	{"dependencies", "a shipper before its user", on("filebeat", func(c *types.ServiceConfig) {
		delete(c.DependsOn, "setup")
	}), "filebeat does not wait"},
	{"dependencies", "on what core lacks", func(s *stack) {
		change(s.core, "api", func(c *types.ServiceConfig) { c.DependsOn["kibana"] = types.ServiceDependency{Required: true} })
	}, "kibana, which is not there"},
	{"dependencies", "jobs wait for what watches", on("worker", func(c *types.ServiceConfig) {
		c.DependsOn["setup"] = types.ServiceDependency{Condition: types.ServiceConditionCompletedSuccessfully}
	}), "worker does not start without setup"},
	{"hardening", "rights", on("nginx", func(c *types.ServiceConfig) { c.CapDrop = nil }), "nginx keeps rights"},
	{"hardening", "a given right", on("api", func(c *types.ServiceConfig) { c.CapAdd = []string{"SYS_ADMIN"} }), "SYS_ADMIN"},
	{"hardening", "Heartbeat cannot be executed", on("heartbeat", func(c *types.ServiceConfig) { c.CapAdd = nil }), "heartbeat is given []"},
	{"hardening", "writable", on("api", func(c *types.ServiceConfig) { c.ReadOnly = false }), "api can write"},
	{"hardening", "endless logs", on("kibana", func(c *types.ServiceConfig) { c.Logging = nil }), "kibana says is kept"},
	{"hardening", "setup again and again", on("setup", func(c *types.ServiceConfig) { c.Restart = "always" }), "setup restarts"},
	{"hardening", "root", on("grafana", func(c *types.ServiceConfig) { c.User = "0:0" }), "grafana runs as"},
	{"memory", "no bound", on("kibana", func(c *types.ServiceConfig) { c.Deploy.Resources.Limits = nil }), "kibana may take all"},
	{"memory", "too much", on("worker", func(c *types.ServiceConfig) { c.Deploy.Resources.Limits.MemoryBytes = 4 << 30 }), "together may take"},
	{"memory", "a heap that leaves no room", set("elasticsearch", "ES_JAVA_OPTS", "-Xms1500m -Xmx1500m"), "Elasticsearch's heap"},
	{"memory", "a heap of two sizes", set("elasticsearch", "ES_JAVA_OPTS", "-Xms100m -Xmx500m"), "not one size"},
	{"memory", "Kibana's heap", set("kibana", "NODE_OPTIONS", "--max-old-space-size=4096"), "Kibana's heap"},
	{"memory", "Go's", set("apm-server", "GOMEMLIMIT", "1GiB"), "apm-server's GOMEMLIMIT"},
	{"memory", "a budget beyond the limit", set("worker", "NUMBERMILL_MEMORY_BUDGET", "700mb"), "a worker's budget"},
	{"memory", "Redis cannot save", func(s *stack) { s.redis["maxmemory"] = "500mb" }, "Redis's maxmemory"},
	{"volumes and files", "a file that is not there", on("kibana", func(c *types.ServiceConfig) { c.Volumes[0].Source += "x" }), "kibana mounts"},
	{"volumes and files", "a file that can be changed", on("kibana", func(c *types.ServiceConfig) {
		c.Volumes[0].ReadOnly = false
	}), "kibana can write"},
	{"volumes and files", "changes that nobody reads", on("nginx", func(c *types.ServiceConfig) { c.Labels = nil }), "nginx would go on"},
	{"volumes and files", "an unused volume", func(s *stack) { s.compose.Volumes["spare"] = types.VolumeConfig{} }, "the volume spare"},
	{"volumes and files", "digits apart", on("worker", func(c *types.ServiceConfig) { c.Volumes[1].Source = "redis-data" }), "do not share"},
	{"volumes and files", "Filebeat forgets", on("filebeat", func(c *types.ServiceConfig) { c.Volumes = c.Volumes[:2] }), "filebeat forgets"},
	{"variables of compose", "one that nobody knows", func(s *stack) { s.text += "${UNHEARD_OF:-x}" }, "${UNHEARD_OF}"},
	{"variables of compose", "one that nobody uses", func(s *stack) { s.env.options["IDLE"] = "" }, "IDLE of .env.example"},
	{"variables of compose", "another default", func(s *stack) { s.env.options["GRAFANA_PORT"] = "3001" }, "GRAFANA_PORT is"},
	{"no default password", "admin", set("grafana", "GF_SECURITY_ADMIN_PASSWORD", "admin"), "GF_SECURITY_ADMIN_PASSWORD of grafana"},
	{"no default password", "in an address", set("api", "NUMBERMILL_REDIS", "redis://:redis@redis:6379/0"), "NUMBERMILL_REDIS of api"},
	{"no default password", "an empty one", set("kibana", "KIBANA_ENCRYPTION_KEY", ""), "KIBANA_ENCRYPTION_KEY of kibana"},
	{"no default password", "on a command line", on("redis", func(c *types.ServiceConfig) {
		c.Command = append(c.Command, "--requirepass", secretOf("REDIS_PASSWORD"))
	}), "command line of redis"},
	{"no default password", "a secret for nobody", func(s *stack) {
		s.env.secrets = append(s.env.secrets, "SPARE_PASSWORD")
	}, "nobody uses SPARE_PASSWORD"},
	{"no default password", "security off", set("elasticsearch", "xpack.security.enabled", "false"), "Elasticsearch lets everybody in"},
	{"no default password", "guests", set("grafana", "GF_AUTH_ANONYMOUS_ENABLED", "true"), "Grafana lets everybody in"},
	{"networks", "nginx sees Redis", on("nginx", func(c *types.ServiceConfig) { c.Networks["jobs"] = nil }), "the network jobs has"},
	{"networks", "a way out", func(s *stack) { s.compose.Networks["jobs"] = types.NetworkConfig{} }, "a way out"},
	{"health checks", "another port", on("grafana", func(c *types.ServiceConfig) {
		c.HealthCheck.Test[1] = "wget http://localhost:3001/"
	}), "port 3001"},
	{"health checks", "the Beats' port", func(s *stack) { s.filebeat.HTTP.Port = 5067 }, "filebeat is asked on port 5066"},
	{"health checks", "the worker's flag", on("worker", func(c *types.ServiceConfig) {
		c.Command[2] = "127.0.0.1:9"
	}), "worker is asked on port 8081"},
	{"health checks", "none", on("api", func(c *types.ServiceConfig) { c.HealthCheck = nil }), "how api is"},
	{"health checks", "of an image without a shell", on("otel-collector", func(c *types.ServiceConfig) {
		c.HealthCheck = nil
	}), "the Collector's image"},
	{"health checks", "longer than its interval", on("api", func(c *types.ServiceConfig) {
		c.HealthCheck.Timeout = new(types.Duration(time.Minute))
	}), "api is asked without an end"},
	{"health checks", "of the image", func(s *stack) { s.docker.expose = "80" }, "exposes 80"},
	{"addresses", "a port that nobody listens on", set("worker", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel-collector:4319"), "port 4319"},
	{"addresses", "nginx asks another port", set("nginx", "NB_API_SERVERS", "server api:80 resolve;"), "nginx asks api on port 80"},
	{"addresses", "another network", on("apm-server", func(c *types.ServiceConfig) { c.Networks = nil }), "apm-server does not reach Elasticsearch"},
	{"addresses", "a published port", on("kibana", func(c *types.ServiceConfig) { c.Ports[0].Target = 80 }), "kibana publishes 80"},
	{"users and their passwords", "a password of another", set("setup", "NUMBERMILL_FILEBEAT_PASSWORD", secretOf("APM_PASSWORD")), "filebeat comes with"},
	{"users and their passwords", "a user that nobody makes", func(s *stack) { s.apm.Output.User = "apm" }, "apm-server comes as apm"},
	{"users and their passwords", "Redis", set("redis", "REDIS_PASSWORD", "another"), "redis comes with"},
	{"users and their passwords", "one data source", func(s *stack) { s.grafana.sources[3].User = "elastic" }, "es-traces has another user"},
	{"users and their passwords", "two setups", set("setup-kibana", "NUMBERMILL_APM_PASSWORD", "x"), "differ in NUMBERMILL_APM_PASSWORD"},
	{"variables of mounted files", "one is not given", on("filebeat", func(c *types.ServiceConfig) {
		delete(c.Environment, "FILEBEAT_PASSWORD")
	}), "${FILEBEAT_PASSWORD}"},
	{"variables of mounted files", "an empty contact point", set("grafana", "ALERT_WEBHOOK_URL", ""), "${ALERT_WEBHOOK_URL}"},
	{"flags of numbermill", "a flag that is none", on("api", func(c *types.ServiceConfig) {
		c.Command = append(c.Command, "--turbo")
	}), "no flag --turbo"},
	{"flags of numbermill", "a variable that is none", set("worker", "NUMBERMILL_TURBO", "1"), "NUMBERMILL_TURBO"},
	{"flags of numbermill", "a check that is none", func(s *stack) {
		s.docker.health = []string{"/numbermill", "ping", "x"}
	}, "no command of numbermill"},
	{"filebeat reads what is written", "another folder", func(s *stack) {
		s.filebeat.Inputs[0].Paths = []string{"/var/log/nginx/*.json"}
	}, "/logs/nginx/"},
	{"filebeat reads what is written", "another name", set("api", "NUMBERMILL_LOG_FILE", "/logs/app/api-{host}.log"), "/logs/app/api-"},
	{"filebeat reads what is written", "another stream", func(s *stack) { s.filebeat.Inputs[1].Index = "logs-app-default" }, "logs-app-default"},
	{"filebeat reads what is written", "two with one id", func(s *stack) { s.filebeat.Inputs[1].ID = s.filebeat.Inputs[0].ID }, "an id of its own"},
	{"filebeat reads what is written", "by inode", func(s *stack) { s.filebeat.Inputs[0].Identity = nil }, "tell files apart"},
	{"filebeat reads what is written", "keys stay dotted", func(s *stack) { s.filebeat.Inputs[0].Parsers[0]["ndjson"] = ndjson{} }, "at the root"},
	{"filebeat reads what is written", "its own templates", func(s *stack) { s.filebeat.ILM = nil }, "a lifecycle of its own"},
	{"filebeat reads what is written", "a slow look", func(s *stack) { s.filebeat.Inputs[0].Backoff.Max = time.Hour }, "backoff"},
	{"heartbeat asks what answers", "a name that the API refuses", set("heartbeat", "SITE_URL", "http://proxy:8080"), "does not serve"},
	{"heartbeat asks what answers", "what the page does not say", func(s *stack) { s.heartbeat.Monitors[0].Response.Body[0] = "Welcome" }, "Welcome"},
	{"heartbeat asks what answers", "any status is up", func(s *stack) { s.heartbeat.Monitors[1].Response.Status = nil }, "ready is up"},
	{"heartbeat asks what answers", "slower than its schedule", func(s *stack) { s.heartbeat.Monitors[0].Timeout = time.Minute }, "an end before"},
	{"heartbeat asks what answers", "retention of its own", func(s *stack) { s.heartbeat.Template.Enabled = nil }, "a lifecycle of its own"},
	{"apm server", "everybody", func(s *stack) { s.apm.Server.Auth.Token = "" }, "others in"},
	{"apm server", "another token", set("otel-collector", "APM_SECRET_TOKEN", "x"), "comes with \"x\""},
	{"apm server", "loopback", func(s *stack) { s.apm.Server.Host = "127.0.0.1:8200" }, "nobody reaches"},
	{"apm server", "another namespace", func(s *stack) { s.apm.Server.Streams.Namespace = "prod" }, "prod"},
	{"collector", "another address", func(s *stack) { s.collector.exporter.ClientConfig.Endpoint = "apm:8200" }, "exports to apm:8200"},
	{"collector", "data thrown away", func(s *stack) { s.collector.exporter.RetryConfig.MaxElapsedTime = 300 * time.Second }, "throws data away"},
	{"collector", "a queue in memory", func(s *stack) { s.collector.exporter.QueueConfig.Get().StorageID = nil }, "not on the disk"},
	{"collector", "a queue in no volume", func(s *stack) { s.collector.storage.Directory = "/tmp" }, "in no volume"},
	{"collector", "an endless queue", func(s *stack) { s.collector.storage.MaxSize = 0 }, "no bound"},
	{"collector", "metrics go nowhere", func(s *stack) { delete(s.collector.service.Pipelines, "metrics") }, "metrics go through"},
	{"collector", "a volume of another", on("otel-collector", func(c *types.ServiceConfig) { c.User = "10002:10002" }), "10002"},
	{"telemetry of the program", "cumulative", set("api", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "cumulative"), "delta"},
	{"telemetry of the program", "another port", set("worker", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel-collector:4317"), "port 4318"},
	{"kibana", "a name that it may not know", func(s *stack) { s.kibana["monitoring.enabled"] = true }, "monitoring.enabled"},
	{"kibana", "a short key", set("kibana", "KIBANA_REPORTING_KEY", "short"), "too short"},
	{"kibana", "no Uptime", func(s *stack) { delete(s.kibana, "uiSettings.overrides") }, "Uptime app"},
	{"kibana", "links elsewhere", set("api", "NUMBERMILL_KIBANA", "http://localhost:9999"), "links go to"},
	{"redis", "it drops tasks", func(s *stack) { s.redis["maxmemory-policy"] = "allkeys-lru" }, "noeviction"},
	{"redis", "a password in the file", func(s *stack) { s.redis["requirepass"] = "x" }, "requirepass stands"},
	{"redis", "data in no volume", on("redis", func(c *types.ServiceConfig) { c.WorkingDir = "/" }), "no volume"},
	{"nginx", "a variable that compose does not give", replace("templates/30-clients.conf.template", "${NB_RATE}", "${NB_SPEED}"), "NB_SPEED"},
	{"nginx", "one that no template asks for", set("nginx", "NB_SPARE", "x"), "NB_SPARE"},
	{"nginx", "$uri would be replaced", set("nginx", "NGINX_ENVSUBST_FILTER", ""), "the filter is"},
	{"nginx", "the log in no volume", set("nginx", "NB_LOG_DIR", "/var/log/nginx"), "/var/log/nginx"},
	{"nginx", "nowhere to write", on("nginx", func(c *types.ServiceConfig) { c.Tmpfs = nil }), "cannot be written"},
	{"nginx", "TLS by another word", set("nginx", "NB_TLS", "yes"), "NB_TLS=yes"},
	{"nginx", "an unknown path", on("nginx", func(c *types.ServiceConfig) { c.HealthCheck.Test[4] = "http://127.0.0.1:8080/alive" }), "/alive"},
	{"grafana", "an index that nobody writes", func(s *stack) { s.grafana.sources[0].JSON.Index = "nginx-*" }, "nginx-*"},
	{"grafana", "no time", func(s *stack) { s.grafana.sources[0].JSON.Time = "" }, "by @timestamp"},
	{"grafana", "a data source that is none", func(s *stack) { s.grafana.dashboards["levels.json"] += `"uid": "es-nothing"` }, "es-nothing"},
	{"grafana", "a rule likewise", func(s *stack) { s.grafana.alerting["x.yaml"] = "datasourceUid: es-nobody" }, "es-nobody"},
	{"grafana", "no first dashboard", set("grafana", "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", "/etc/grafana/dashboards/home.json"), "home.json"},
	{"grafana", "plug-ins are replaced", set("grafana", "GF_PLUGINS_PREINSTALL_AUTO_UPDATE", "true"), "replaces its plug-ins"},
	{"grafana", "another folder", func(s *stack) { s.grafana.providers[0].Options.Path = "/dashboards" }, "not mounted"},
	{"templates of what is written", "none", func(s *stack) { s.elastic = nil }, "has 0 templates"},
	{"templates of what is written", "weaker than Elasticsearch's own", func(s *stack) {
		for i := range s.elastic {
			s.elastic[i].Priority = 50
		}
	}, "priority 50"},
	{"templates of what is written", "kept for ever", func(s *stack) {
		for i := range s.elastic {
			s.elastic[i].Template.Lifecycle.Retention = ""
		}
	}, "kept for ever"},
	{"image of numbermill", "root", func(s *stack) { s.docker.user = "" }, "runs as root"},
	{"image of numbermill", "a shell", func(s *stack) { s.docker.from = append(s.docker.from, "alpine:3.20.1") }, "based on alpine"},
	{"image of numbermill", "a folder that is not sent", func(s *stack) { s.docker.copies = append(s.docker.copies, "e2e/") }, "leaves out"},
	{"image of numbermill", "a folder that is not there", func(s *stack) {
		s.docker.copies = append(s.docker.copies, "server/")
	}, "it copies server/"},
	{"image of numbermill", "no label", func(s *stack) { s.docker.labels = "" }, "no label title"},
	{"one version", "an older Kibana", on("kibana", func(c *types.ServiceConfig) {
		c.Image = "docker.elastic.co/kibana/kibana:8.18.0"
	}), "kibana is 8.18.0"},
	{"one version", "another Collector", on("otel-collector", func(c *types.ServiceConfig) { c.Image = "x:0.90.0" }), "0.90.0"},
	{"one version", "another Go", func(s *stack) { s.docker.from[1] = "golang:1.25.1-bookworm" }, "Go 1.25.1"},
	{"guide", "a panel that is none", func(s *stack) { s.guide = strings.ReplaceAll(s.guide, "*Top hit routes*", "*Favourites*") }, "Favourites"},
	{"guide", "a picture that is none", func(s *stack) { s.guide = strings.ReplaceAll(s.guide, "*Status codes*", "*Codes*") }, `called "Codes"`},
	{"guide", "a dashboard is forgotten", func(s *stack) {
		s.guide = strings.ReplaceAll(s.guide, "Anomalies: ", "Oddities: ")
	}, `the dashboard "Anomalies"`},
	{"guide", "a command that is none", func(s *stack) { s.guide += "`make coffee`" }, "make coffee"},
}
