package trips

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/redistest"
)

// BenchmarkCallers makes script calls from so many goroutines, each by itself and together by turns in one run.
func BenchmarkCallers(b *testing.B) {
	script := redis.NewScript("redis.call('HSET', KEYS[1], 'a', ARGV[1]) return redis.call('HINCRBY', KEYS[1], 'n', 1)")
	for _, callers := range []int{1, 16, 64} {
		for _, together := range []bool{false, true} {
			b.Run(strconv.Itoa(callers)+map[bool]string{false: "/apart", true: "/together"}[together], func(b *testing.B) {
				options, err := redis.ParseURL(redistest.Start(b))
				if err != nil {
					b.Fatal(err)
				}
				rdb := redis.NewClient(options)
				defer func() { _ = rdb.Close() }()
				if together {
					On(rdb)
				}
				var all sync.WaitGroup
				for i := range callers {
					all.Go(func() {
						for range b.N / callers {
							if err := script.Run(context.Background(), rdb, []string{"k" + strconv.Itoa(i)}, i).Err(); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
			})
		}
	}
}
