package subscription_test

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"numbermill/shared/redistest"
	"numbermill/shared/store"
	"numbermill/shared/subscription"
)

// forward passes connections on to a Redis, until it goes silent: then connections stay open, and nothing comes through.
type forward struct {
	listener net.Listener
	target   string

	mu     sync.Mutex
	silent chan struct{}
	wg     sync.WaitGroup
}

func newForward(t *testing.T, target string) *forward {
	t.Helper()
	dir, err := os.MkdirTemp("", "forward-") //nolint:usetesting // a test's long name would not fit into a socket's address
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	f := &forward{listener: listener, target: target, silent: make(chan struct{})}
	f.wg.Go(f.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		f.wg.Wait()
		_ = os.RemoveAll(dir)
	})
	return f
}

func (f *forward) accept() {
	for {
		in, err := f.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("unix", f.target)
		if err != nil {
			_ = in.Close()
			return
		}
		f.mu.Lock()
		silent := f.silent
		f.mu.Unlock()
		f.wg.Go(func() { pass(in, out, nil); _ = out.Close() })
		f.wg.Go(func() { pass(out, in, silent); _ = in.Close() })
	}
}

// pass copies until either end closes; what comes once silent is closed is dropped.
func pass(from, to net.Conn, silent <-chan struct{}) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		select {
		case <-silent:
			continue
		default:
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// goSilent cuts all connections that stand off; new ones go through.
func (f *forward) goSilent() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.silent)
	f.silent = make(chan struct{})
}

func TestASilentConnectionIsNoticed(t *testing.T) {
	t.Parallel()
	url := redistest.Start(t)
	f := newForward(t, url[len("unix://"):])
	rdb, err := store.Dial("unix://" + f.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	direct, err := store.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	standing, heard := make(chan struct{}, 10), make(chan string, 10)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		subscription.Subscription{
			Redis: rdb, Logger: slog.New(slog.DiscardHandler), Channel: "c", QuietFor: 50 * time.Millisecond,
			Connected: func() { standing <- struct{}{} }, Deliver: func(m string) { heard <- m },
		}.Run(ctx)
	})
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		_ = rdb.Close()
		_ = direct.Close()
	})
	await(t, "the subscription", standing)
	say(t, direct, "one")
	if got := await(t, "a message", heard); got != "one" {
		t.Errorf("heard %q, want one", got)
	}
	f.goSilent()
	await(t, "another subscription", standing)
	say(t, direct, "two")
	if got := await(t, "a message", heard); got != "two" {
		t.Errorf("heard %q, want two", got)
	}
}

func say(t *testing.T, rdb redis.UniversalClient, m string) {
	t.Helper()
	if err := rdb.Publish(t.Context(), "c", m).Err(); err != nil {
		t.Fatal(err)
	}
}

func await[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("%s does not come", what)
		panic("unreachable")
	}
}
