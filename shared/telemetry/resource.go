package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// describe says which process this is. The environment has the last word.
func describe(ctx context.Context, cfg Config) (*resource.Resource, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("ask for the name of this machine: %w", err)
	}
	who, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(
			attribute.String("service.name", cfg.Service),
			attribute.String("service.version", cfg.Version),
			attribute.String("service.instance.id", uuid.NewString()),
			attribute.String("host.name", host),
			attribute.Int("process.pid", os.Getpid()),
		),
		resource.WithFromEnv(),
	)
	if err != nil {
		return nil, fmt.Errorf("describe this process for OpenTelemetry: %w", err)
	}
	return who, nil
}

// identity is what each log line says of its process, in the fields of ECS. It stands at the begin of the line, since collectors of files tell
// those apart by their first bytes: two processes must not begin alike, even if they start in the same moment.
func identity(who *resource.Resource) []slog.Attr {
	attrs := []slog.Attr{field("process.pid", slog.IntValue(os.Getpid()))}
	for _, to := range [][2]string{{"service.instance.id", "service.node.name"}, {"service.name", "service.name"}, {"service.version", "service.version"}} {
		if v, ok := who.Set().Value(attribute.Key(to[0])); ok {
			attrs = append(attrs, field(to[1], slog.StringValue(v.String())))
		}
	}
	return append(attrs, field("ecs.version", slog.StringValue(ecsVersion)))
}
