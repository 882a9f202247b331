// Package room lets the commands of a library through on a Redis that has reached its maxmemory, where work that was accepted has to be
// able to end: that is what makes room again.
package room

import (
	"context"
	"crypto/sha1" //nolint:gosec // Redis names scripts so
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// freeing is a write that needs no memory, of a key in the slot of the first one that is not there. A full Redis refuses a script at its
// first write or not at all; so what follows goes through.
const freeing = "redis.call('DEL', (KEYS[1]:find('{', 1, true) and KEYS[1] or '{' .. KEYS[1] .. '}') .. ':room') "

// relay is a plain command as a script.
var relay = redis.NewScript(freeing + "return redis.call(ARGV[1], KEYS[1], unpack(ARGV, 2))")

// client passes everything on, and repeats what a full Redis has refused. A script that is refused has changed nothing before.
type client struct {
	redis.UniversalClient

	mu sync.Mutex
	// scripts are those that were refused once, with the freeing write, by the hash of the original: as many as the library has.
	scripts map[string]*redis.Script
}

// On returns a client on the same connections whose scripts, SADD, ZADD, HSET and SETNX go through on a full Redis. Pipelines do not.
func On(rdb redis.UniversalClient) redis.UniversalClient {
	return &client{UniversalClient: rdb, scripts: map[string]*redis.Script{}}
}

// EvalSha runs a script by its hash. A refused one is asked for by its source if that is not known.
func (c *client) EvalSha(ctx context.Context, hash string, keys []string, args ...any) *redis.Cmd {
	cmd := c.UniversalClient.EvalSha(ctx, hash, keys, args...)
	if !IsFull(cmd.Err()) || len(keys) == 0 {
		return cmd
	}
	c.mu.Lock()
	s, ok := c.scripts[hash]
	c.mu.Unlock()
	if ok {
		return s.Run(ctx, c.UniversalClient, keys, args...)
	}
	cmd.SetErr(redis.ErrNoScript)
	return cmd
}

// Eval runs a script.
func (c *client) Eval(ctx context.Context, source string, keys []string, args ...any) *redis.Cmd {
	cmd := c.UniversalClient.Eval(ctx, source, keys, args...)
	if !IsFull(cmd.Err()) || len(keys) == 0 || strings.HasPrefix(source, "#!") {
		return cmd
	}
	sum := sha1.Sum([]byte(source)) //nolint:gosec // Redis names scripts so
	s := redis.NewScript(freeing + source)
	c.mu.Lock()
	c.scripts[hex.EncodeToString(sum[:])] = s
	c.mu.Unlock()
	return s.Run(ctx, c.UniversalClient, keys, args...)
}

// SAdd adds to a set.
func (c *client) SAdd(ctx context.Context, key string, members ...any) *redis.IntCmd {
	return c.again(ctx, key, c.UniversalClient.SAdd(ctx, key, members...))
}

// ZAdd adds to a sorted set.
func (c *client) ZAdd(ctx context.Context, key string, members ...redis.Z) *redis.IntCmd {
	return c.again(ctx, key, c.UniversalClient.ZAdd(ctx, key, members...))
}

// ZAddXX changes what is in a sorted set.
func (c *client) ZAddXX(ctx context.Context, key string, members ...redis.Z) *redis.IntCmd {
	return c.again(ctx, key, c.UniversalClient.ZAddXX(ctx, key, members...))
}

// HSet sets fields of a hash.
func (c *client) HSet(ctx context.Context, key string, values ...any) *redis.IntCmd {
	return c.again(ctx, key, c.UniversalClient.HSet(ctx, key, values...))
}

// SetNX sets a text that is not there.
func (c *client) SetNX(ctx context.Context, key string, value any, expiration time.Duration) *redis.BoolCmd {
	cmd := c.UniversalClient.SetNX(ctx, key, value, expiration)
	if !IsFull(cmd.Err()) {
		return cmd
	}
	err := c.relay(ctx, key, cmd.Args()).Err()
	cmd.SetVal(err == nil)
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	cmd.SetErr(err)
	return cmd
}

// again repeats a plain command that was refused.
func (c *client) again(ctx context.Context, key string, cmd *redis.IntCmd) *redis.IntCmd {
	if !IsFull(cmd.Err()) {
		return cmd
	}
	n, err := c.relay(ctx, key, cmd.Args()).Int64()
	cmd.SetErr(err)
	cmd.SetVal(n)
	return cmd
}

// relay sends a plain command, whose second word is its key, as a script.
func (c *client) relay(ctx context.Context, key string, words []any) *redis.Cmd {
	return relay.Run(ctx, c.UniversalClient, []string{key}, slices.Delete(slices.Clone(words), 1, 2)...)
}

// IsFull tells whether Redis has refused something for want of memory, also within a script of an old Redis.
func IsFull(err error) bool {
	return err != nil && strings.Contains(err.Error(), "OOM command not allowed")
}
