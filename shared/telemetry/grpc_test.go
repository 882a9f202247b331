package telemetry_test

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"

	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// grpcCollector notes the names of what it gets over OTLP/gRPC.
type grpcCollector struct {
	coltrace.UnimplementedTraceServiceServer

	mu     sync.Mutex
	names  []string
	tokens []string
}

// Export takes spans.
func (c *grpcCollector) Export(ctx context.Context, r *coltrace.ExportTraceServiceRequest) (*coltrace.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sent, _ := metadata.FromIncomingContext(ctx)
	c.tokens = append(c.tokens, sent.Get("x-token")...)
	for _, resource := range r.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				c.names = append(c.names, "span "+s.GetName())
			}
		}
	}
	return &coltrace.ExportTraceServiceResponse{}, nil
}

// grpcMeter is the part of a grpcCollector for metrics.
type grpcMeter struct {
	colmetrics.UnimplementedMetricsServiceServer

	to *grpcCollector
}

// Export takes metrics.
func (c grpcMeter) Export(_ context.Context, r *colmetrics.ExportMetricsServiceRequest) (*colmetrics.ExportMetricsServiceResponse, error) {
	c.to.mu.Lock()
	defer c.to.mu.Unlock()
	for _, resource := range r.GetResourceMetrics() {
		for _, scope := range resource.GetScopeMetrics() {
			for _, m := range scope.GetMetrics() {
				c.to.names = append(c.to.names, "metric "+m.GetName())
			}
		}
	}
	return &colmetrics.ExportMetricsServiceResponse{}, nil
}

func TestExportsOverGRPC(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, collector := grpc.NewServer(), &grpcCollector{}
	coltrace.RegisterTraceServiceServer(server, collector)
	colmetrics.RegisterMetricsServiceServer(server, grpcMeter{to: collector})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	stop, _, _ := begin(t, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+listener.Addr().String(), "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc",
		"OTEL_EXPORTER_OTLP_HEADERS", "x-token=a%20b")
	tell(t)
	end(t, stop)
	server.Stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
	for _, want := range []string{"span inner", "span outer", "metric numbermill.jobs.finished", "metric go.goroutine.count"} {
		if !slices.Contains(collector.names, want) {
			t.Errorf("got %q, want %s among them", collector.names, want)
		}
	}
	if !slices.Contains(collector.tokens, "a b") {
		t.Errorf("got tokens %q, want the header that was set", collector.tokens)
	}
}
