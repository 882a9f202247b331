package check

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// apmStandIn takes what APM Server would, and tells the token that it came with.
type apmStandIn struct {
	ptraceotlp.UnimplementedGRPCServer
	came chan string
}

// Export takes spans, each of whose names it tells together with the token.
func (a *apmStandIn) Export(ctx context.Context, request ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	head, _ := metadata.FromIncomingContext(ctx)
	for _, spans := range request.Traces().ResourceSpans().All() {
		for _, scope := range spans.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				a.came <- head.Get("authorization")[0] + " " + span.Name()
			}
		}
	}
	return ptraceotlp.NewExportResponse(), nil
}

// extensions are those that a component may ask its Collector for.
type extensions map[component.ID]component.Component

// GetExtensions returns them.
func (e extensions) GetExtensions() map[component.ID]component.Component { return e }

// shipper is the part of the Collector that keeps and hands over, started by our own file but for its folder and the address of APM Server.
type shipper struct {
	storage extension.Extension
	traces  exporter.Traces
}

func startShipper(t *testing.T, dir, apm string) shipper {
	t.Helper()
	c := readCollector(t)
	c.storage.Directory, c.storage.Compaction.Directory = dir, dir
	c.exporter.ClientConfig.Endpoint = apm
	info, telemetry := component.NewDefaultBuildInfo(), componenttest.NewNopTelemetrySettings()
	id := component.MustNewID("file_storage")
	storage, err := filestorage.NewFactory().Create(t.Context(), extension.Settings{ID: id, TelemetrySettings: telemetry, BuildInfo: info}, c.storage)
	if err != nil {
		t.Fatal(err)
	}
	settings := exporter.Settings{ID: component.MustNewIDWithName("otlp_grpc", "apm"), TelemetrySettings: telemetry, BuildInfo: info}
	traces, err := otlpexporter.NewFactory().CreateTraces(t.Context(), settings, c.exporter)
	if err != nil {
		t.Fatal(err)
	}
	host := extensions{id: storage}
	for _, part := range []component.Component{storage, traces} {
		if err := part.Start(t.Context(), host); err != nil {
			t.Fatal(err)
		}
	}
	return shipper{storage, traces}
}

func (s shipper) stop(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, part := range []component.Component{s.traces, s.storage} {
		if err := part.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	}
}

// TestCollectorKeepsWhatAPMServerDoesNotTake hands a span to a Collector whose APM Server is away, restarts the Collector, and has APM Server come
// back: the span arrives, with the token.
func TestCollectorKeepsWhatAPMServerDoesNotTake(t *testing.T) { //nolint:paralleltest // it sets a variable of the environment
	t.Setenv("APM_SECRET_TOKEN", secretOf("APM_SECRET_TOKEN"))
	dir := filepath.Join(t.TempDir(), "queue")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	first := startShipper(t, dir, "127.0.0.1:"+freePort(t))
	if err := consume(t, first.traces, "kept"); err != nil {
		t.Fatal(err)
	}
	first.stop(t)

	apm := &apmStandIn{came: make(chan string, 10)}
	server := grpc.NewServer()
	ptraceotlp.RegisterGRPCServer(server, apm)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	second := startShipper(t, dir, listener.Addr().String())
	t.Cleanup(func() { second.stop(t) })
	if got, want := <-apm.came, "Bearer "+secretOf("APM_SECRET_TOKEN")+" kept"; got != want {
		t.Errorf("APM Server got %q, want %q", got, want)
	}
}

func consume(t *testing.T, to consumer.Traces, name string) error {
	t.Helper()
	traces := ptrace.NewTraces()
	traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName(name)
	return to.ConsumeTraces(t.Context(), traces)
}
