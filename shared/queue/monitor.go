package queue

import (
	"fmt"
	"io"
	"net/http"

	"github.com/hibiken/asynqmon"
	"github.com/redis/go-redis/v9"
)

// Monitor is Asynq's web monitor under the path root, such as "/monitor". It has no authentication of its own, and lets people delete
// and run tasks unless readOnly. The closer ends its connections.
func Monitor(rdb redis.UniversalClient, root string, readOnly bool) (http.Handler, io.Closer, error) {
	client, ok := rdb.(*redis.Client)
	if !ok {
		return nil, nil, fmt.Errorf("web monitor: it cannot use a %T", rdb)
	}
	h := asynqmon.New(asynqmon.Options{RootPath: root, RedisConnOpt: connection{client.Options()}, ReadOnly: readOnly})
	return h, h, nil
}

// connection opens connections with the options of an existing one.
type connection struct{ options *redis.Options }

// MakeRedisClient returns a client of its own, which its user closes.
func (c connection) MakeRedisClient() any {
	options := *c.options
	return redis.NewClient(&options)
}
