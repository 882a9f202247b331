package store

import (
	"cmp"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"numbermill/shared/store/internal/trips"
)

const (
	// readTimeout is how long one answer of Redis may take, unless its URL says otherwise. A call is tried up to four times.
	readTimeout = 3 * time.Second
	// dialTimeout is how long Redis may take to accept a connection, unless its URL says otherwise.
	dialTimeout = 2 * time.Second
	// longestPause is the longest pause before a call is tried again.
	longestPause = 50 * time.Millisecond
)

// Dial opens a connection pool to a redis://, rediss:// or unix:// URL. It connects when first used. Where nobody listens, a call fails
// within a fraction of a second, so that a person gets an answer; what can wait for Redis has to try again by itself.
func Dial(url string) (redis.UniversalClient, error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		// The library's error may repeat the URL, and with it a password.
		return nil, errors.New("the Redis URL is not valid; write redis://HOST:PORT/DB, rediss://… or unix:///PATH/redis.sock")
	}
	opt.DisableIdentity = true
	opt.ReadTimeout = cmp.Or(opt.ReadTimeout, readTimeout)
	opt.DialTimeout = cmp.Or(opt.DialTimeout, dialTimeout)
	// A call that finds no connection is tried again as a whole; each of these tries would otherwise dial five times.
	opt.DialerRetries = 1
	opt.MaxRetryBackoff = cmp.Or(opt.MaxRetryBackoff, longestPause)
	// A feature of hosted Redis that others refuse; to find that out, the library changes its options, which clients of their own copy.
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	opt.ContextTimeoutEnabled = true // else a Redis that hangs holds up callers beyond their deadlines
	rdb := redis.NewClient(opt)
	hook, err := newTracing(*opt)
	if err != nil {
		return nil, errors.Join(err, rdb.Close())
	}
	rdb.AddHook(hook)
	trips.On(rdb) // below the spans, which are of calls and not of trips
	return rdb, nil
}
