package redistest_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/redistest"
)

func TestServersAreEmptyAndApart(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	one, two := connect(t, redistest.Start(t)), connect(t, redistest.Start(t))
	if err := one.Set(ctx, "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := two.DBSize(ctx).Result(); err != nil || got != 0 {
		t.Errorf("another server holds %d keys (%v), want 0", got, err)
	}
}

func TestRestartKeepsOnlyWhatIsAppended(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options []redistest.Option
		want    int64
	}{
		"by default":  {nil, 0},
		"append-only": {[]redistest.Option{redistest.AppendOnly(t.TempDir())}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.New(t, tt.options...)
			if err := connect(t, server.URL()).Set(t.Context(), "key", "value", 0).Err(); err != nil {
				t.Fatal(err)
			}
			server.Restart()
			if got, err := connect(t, server.URL()).DBSize(t.Context()).Result(); err != nil || got != tt.want {
				t.Errorf("after the restart there are %d keys (%v), want %d", got, err, tt.want)
			}
		})
	}
}

func TestSetting(t *testing.T) {
	t.Parallel()
	rdb := connect(t, redistest.Start(t, redistest.Setting("maxmemory", "64mb")))
	got, err := rdb.ConfigGet(t.Context(), "maxmemory").Result()
	if want := "67108864"; err != nil || got["maxmemory"] != want {
		t.Errorf("maxmemory is %q (%v), want %s", got["maxmemory"], err, want)
	}
}

func TestKilledServerAnswersNothing(t *testing.T) {
	t.Parallel()
	server := redistest.New(t)
	server.Kill()
	server.Kill()
	if err := connect(t, server.URL()).Ping(context.Background()).Err(); err == nil {
		t.Error("a killed server answers")
	}
}

func connect(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries, options.DialerRetries = -1, 1
	rdb := redis.NewClient(options)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		redistest.New(b).Kill()
	}
}
