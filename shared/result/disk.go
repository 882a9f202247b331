package result

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
)

// tellDisk has the gauge numbermill.disk.used tell how full the file system of a folder is, from 0 to 1, until stop is called. It does nothing
// where that cannot be known.
func tellDisk(dir string) (stop func() error, err error) {
	if _, known := diskUsed(dir); !known {
		return func() error { return nil }, nil
	}
	meter := otel.Meter("numbermill/shared/result")
	used, err := meter.Float64ObservableGauge("numbermill.disk.used", metric.WithUnit("1"),
		metric.WithDescription("Which share of the file system of the results is used, as it is for those who are not root."))
	if err != nil {
		return nil, fmt.Errorf("measure the disk: %w", err)
	}
	reading, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		if share, known := diskUsed(dir); known {
			o.ObserveFloat64(used, share)
		}
		return nil
	}, used)
	if err != nil {
		return nil, fmt.Errorf("measure the disk: %w", err)
	}
	return reading.Unregister, nil
}
