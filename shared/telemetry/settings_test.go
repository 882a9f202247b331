package telemetry

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/shared/config"
)

func of(variables map[string]string) environment {
	return func(name string) string { return variables[name] }
}

func TestReadExports(t *testing.T) {
	t.Parallel()
	const url = "http://collector:4318"
	overLocal := export{on: true, protocol: overHTTP, unsaid: true}
	over, off := export{on: true, protocol: overHTTP}, export{protocol: overHTTP, unsaid: true}
	tests := map[string]struct {
		variables     map[string]string
		spans, points export
	}{
		"nothing":                      {nil, off, off},
		"an endpoint":                  {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": url}, over, over},
		"an endpoint of one":           {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": url}, over, off},
		"an endpoint, and one not":     {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_METRICS_EXPORTER": "none"}, over, export{protocol: overHTTP}},
		"an exporter without endpoint": {map[string]string{"OTEL_METRICS_EXPORTER": "otlp"}, off, overLocal},
		"switched off":                 {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_SDK_DISABLED": "TRUE"}, export{}, export{}},
		"protocols": {
			map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/protobuf"},
			export{on: true, protocol: overGRPC},
			over,
		},
		"all that can be said": {
			map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20abc, X-Other=1", "OTEL_EXPORTER_OTLP_TIMEOUT": "2500",
				"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25", "OTEL_BSP_SCHEDULE_DELAY": "0",
				"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "Delta", "OTEL_RESOURCE_ATTRIBUTES": "a=b,c=d%20e", "OTEL_METRIC_EXPORT_INTERVAL": "10000",
			},
			over, over,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans, points, err := readExports(of(tt.variables))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]export{tt.spans, tt.points}, []export{spans, points}, cmp.AllowUnexported(export{})); diff != "" {
				t.Errorf("exports (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadExportsRefuses(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"OTEL_SDK_DISABLED": "maybe", "OTEL_TRACES_EXPORTER": "jaeger", "OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
		"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://u:hunter2@[bad",
		"OTEL_EXPORTER_OTLP_HEADERS": "Bearer hunter2", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "a=%zzhunter2", "OTEL_EXPORTER_OTLP_TIMEOUT": "10s",
		"OTEL_EXPORTER_OTLP_COMPRESSION": "zstd", "OTEL_EXPORTER_OTLP_INSECURE": "1", "OTEL_EXPORTER_OTLP_CERTIFICATE": "/not/there",
		"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "diff", "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "linear",
		"OTEL_TRACES_SAMPLER": "sometimes", "OTEL_BSP_MAX_QUEUE_SIZE": "0", "OTEL_METRIC_EXPORT_INTERVAL": "1m", "OTEL_RESOURCE_ATTRIBUTES": "a",
	} {
		_, _, err := readExports(of(map[string]string{name: value}))
		problem, ok := errors.AsType[*config.Error](err)
		if !ok || problem.Source != name || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%s: got %v, want one error of that variable without a secret", name, value, err)
		}
	}
	_, _, err := readExports(of(map[string]string{"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"}))
	if err == nil || !strings.Contains(err.Error(), "OTEL_TRACES_SAMPLER_ARG") {
		t.Errorf("got %v, want an error of the sampler's argument", err)
	}
}
