package check

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/healthcheckextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

// collector is the Collector's configuration as its own code reads it, in the version that docker-compose.yml starts.
type collector struct {
	storage  *filestorage.Config
	health   *healthcheckextension.Config
	receiver *otlpreceiver.Config
	exporter *otlpexporter.Config
	service  collectorService
}

type collectorService struct {
	Extensions []string                       `mapstructure:"extensions"`
	Pipelines  map[string]map[string][]string `mapstructure:"pipelines"`
}

// components are those that the configuration may name, by section and type.
func components() map[string]map[string]component.Factory {
	of := func(factories ...component.Factory) map[string]component.Factory {
		byType := map[string]component.Factory{}
		for _, f := range factories {
			byType[f.Type().String()] = f
		}
		return byType
	}
	return map[string]map[string]component.Factory{
		"extensions": of(filestorage.NewFactory(), healthcheckextension.NewFactory()),
		"receivers":  of(otlpreceiver.NewFactory()),
		"processors": of(memorylimiterprocessor.NewFactory()),
		"exporters":  of(otlpexporter.NewFactory()),
	}
}

// readCollector reads the file with the Collector's code and has each part say whether it is valid.
func readCollector(tb testing.TB) collector {
	tb.Helper()
	whole := collectorText(tb, filepath.Join(root, "infra/otel-collector/config.yaml"))
	var c collector
	for section, factories := range components() {
		part, err := whole.Sub(section)
		if err != nil {
			tb.Fatal(err)
		}
		for id := range part.ToStringMap() {
			kind, _, _ := strings.Cut(id, "/")
			factory := factories[kind]
			if factory == nil {
				tb.Fatalf("the Collector has no %q in %s", kind, section)
			}
			own, err := part.Sub(id)
			if err != nil {
				tb.Fatal(err)
			}
			c.take(tb, factory.CreateDefaultConfig(), own)
		}
	}
	if err := unmarshal(whole, "service", &c.service); err != nil {
		tb.Fatal(err)
	}
	return c
}

// take reads a component's part into its own type, which must know every name in it.
func (c *collector) take(tb testing.TB, config component.Config, from *confmap.Conf) {
	tb.Helper()
	if err := from.Unmarshal(config); err != nil {
		tb.Fatalf("the Collector's %T: %v", config, err)
	}
	if err := confmap.Validate(config); err != nil {
		tb.Fatalf("the Collector's %T: %v", config, err)
	}
	switch config := config.(type) {
	case *filestorage.Config:
		c.storage = config
	case *healthcheckextension.Config:
		c.health = config
	case *otlpreceiver.Config:
		c.receiver = config
	case *otlpexporter.Config:
		c.exporter = config
	}
}

// collectorText resolves ${env:NAME} as the Collector does.
func collectorText(tb testing.TB, file string) *confmap.Conf {
	tb.Helper()
	resolver, err := confmap.NewResolver(confmap.ResolverSettings{
		URIs:              []string{"file:" + file},
		ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory(), envprovider.NewFactory()},
	})
	if err != nil {
		tb.Fatal(err)
	}
	whole, err := resolver.Resolve(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return whole
}

func unmarshal(whole *confmap.Conf, section string, to any) error {
	part, err := whole.Sub(section)
	if err != nil {
		return err
	}
	return part.Unmarshal(to)
}

// collects says that traces and metrics go through a queue on disk to APM Server, and are never thrown away by age.
func collects(s *stack) (p problems) {
	c := s.collector
	for _, signal := range []string{"traces", "metrics"} {
		pipeline := c.service.Pipelines[signal]
		want := map[string][]string{"receivers": {"otlp"}, "processors": {"memory_limiter"}, "exporters": {"otlp_grpc/apm"}}
		if !maps.EqualFunc(pipeline, want, slices.Equal) {
			p.add("%s go through %v, want %v", signal, pipeline, want)
		}
	}
	if !slices.Equal(c.service.Extensions, []string{"health_check", "file_storage"}) {
		p.add("the extensions are %v", c.service.Extensions)
	}
	if host, port := splitAddress(c.exporter.ClientConfig.Endpoint); host != "apm-server" || port != s.apm.port() {
		p.add("it exports to %s, and APM Server listens on port %s", c.exporter.ClientConfig.Endpoint, s.apm.port())
	}
	if !c.exporter.ClientConfig.TLS.Insecure {
		p.add("it speaks TLS, which APM Server does not")
	}
	if c.exporter.RetryConfig.MaxElapsedTime != 0 {
		p.add("it throws data away after %v", c.exporter.RetryConfig.MaxElapsedTime)
	}
	queue := c.exporter.QueueConfig.Get()
	if queue == nil || queue.StorageID == nil || queue.StorageID.String() != "file_storage" {
		p.add("its queue is not on the disk")
	}
	if !within(c.storage.Directory, mountsOf(s.compose, "otel-collector")) {
		p.add("its queue is in %s, which is in no volume", c.storage.Directory)
	}
	if c.storage.MaxSize == 0 {
		p.add("its queue has no bound")
	}
	if got := s.compose.Services["otel-collector"].User; !strings.Contains(textOf("infra/docker/volumes.sh"), "own "+got+" /otelcol-data ") {
		p.add("nobody gives its volume to %s", got)
	}
	return p
}

// exports says that api and worker reach the Collector and speak to it as APM Server needs it.
func exports(s *stack) (p problems) {
	for _, name := range []string{"api", "worker"} {
		endpoint := value(s.compose, name, "OTEL_EXPORTER_OTLP_ENDPOINT")
		http := s.collector.receiver.Protocols.HTTP.Get()
		if http == nil {
			p.add("the Collector takes nothing over HTTP")
			continue
		}
		_, port := splitAddress(http.ServerConfig.NetAddr.Endpoint)
		if endpoint != "http://otel-collector:"+port {
			p.add("%s exports to %s, and the Collector listens on port %s", name, endpoint, port)
		}
		want := map[string]string{
			"OTEL_EXPORTER_OTLP_PROTOCOL":                       "http/protobuf",
			"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
		}
		for variable, want := range want {
			if got := value(s.compose, name, variable); got != want {
				p.add("%s of %s is %q, want %q", variable, name, got, want)
			}
		}
	}
	return p
}

// textOf is a file of the tree, or nothing if it is not there.
func textOf(file string) string {
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return ""
	}
	return string(text)
}

// endpoints are all addresses that it listens on.
func (c collector) endpoints() (all []string) {
	if grpc := c.receiver.Protocols.GRPC.Get(); grpc != nil {
		all = append(all, grpc.NetAddr.Endpoint)
	}
	if http := c.receiver.Protocols.HTTP.Get(); http != nil {
		all = append(all, http.ServerConfig.NetAddr.Endpoint)
	}
	return append(all, c.health.Config.ServerConfig.NetAddr.Endpoint)
}
