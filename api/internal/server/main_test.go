package server_test

import (
	"testing"

	"go.uber.org/goleak"

	"numbermill/shared/elastictest"
)

// TestMain fails if a test leaves a goroutine behind. go-redis alone may: its pool dials on for a moment after it was closed.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(elastictest.Ending{M: m}, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}
