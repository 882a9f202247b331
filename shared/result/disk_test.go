package result

import (
	"runtime"
	"testing"

	"go.opentelemetry.io/otel"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// An open store tells how full its disk is, and one that is closed tells no more. Not beside other tests: it changes the meters of the process.
func TestDiskUsed(t *testing.T) { //nolint:paralleltest // see above
	if _, known := diskUsed(t.TempDir()); !known && runtime.GOOS == "linux" {
		t.Fatal("got no share of the disk")
	}
	if share, known := diskUsed("/no such folder"); known {
		t.Errorf("got %v of a folder that is not there", share)
	}
	reader := sdk.NewManualReader()
	before := otel.GetMeterProvider()
	otel.SetMeterProvider(sdk.NewMeterProvider(sdk.WithReader(reader)))
	t.Cleanup(func() { otel.SetMeterProvider(before) })
	store, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if got := told(t, reader); got <= 0 || got > 1 {
		t.Errorf("got %v of the disk used, want a share", got)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if got := told(t, reader); got != -1 {
		t.Errorf("got %v of a store that is closed", got)
	}
}

// told is what the gauge tells, -1 if nothing.
func told(t *testing.T, reader *sdk.ManualReader) float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, one := range scope.Metrics {
			gauge, ok := one.Data.(metricdata.Gauge[float64])
			if one.Name == "numbermill.disk.used" && ok && len(gauge.DataPoints) == 1 {
				return gauge.DataPoints[0].Value
			}
		}
	}
	return -1
}
