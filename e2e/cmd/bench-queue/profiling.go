package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// profile measures where the API and the worker spend their time at many connections, in as many lives as the plan says.
func (b *bench) profile(ctx context.Context) error {
	found := []profile{{process: "API", areas: make(map[string]time.Duration)}, {process: "worker", areas: make(map[string]time.Duration)}}
	for life := range b.plan.profiles {
		b.say("profile %d of %d\n", life+1, b.plan.profiles)
		if err := b.profileOnce(ctx, found); err != nil {
			if ctx.Err() != nil {
				return err
			}
			b.say("no profile: %v\n", err)
			b.absent = append(b.absent, "the profiles; what the run printed says why")
			return nil
		}
	}
	b.profiles = found
	return nil
}

// profileOnce adds the profiles of one life.
func (b *bench) profileOnce(ctx context.Context, found []profile) error {
	addresses := make([]string, len(found))
	for i := range addresses {
		var err error
		if addresses[i], err = freeAddress(ctx); err != nil {
			return err
		}
	}
	args := func(i int) []string { return []string{"--profile-listen", addresses[i]} }
	l, err := b.begin(ctx, system{numbermillID, "Numbermill", func(ctx context.Context, l *life) (target, error) {
		return startNumbermill(ctx, l, args(0), args(1))
	}})
	if err != nil {
		return err
	}
	defer l.end()
	if err := l.warm(ctx, manyConnections); err != nil {
		return err
	}
	var (
		both sync.WaitGroup
		errs = make([]error, len(found))
	)
	for i := range found {
		both.Go(func() { errs[i] = fetchProfile(ctx, addresses[i], l.bench.profilePath(i), b.plan.load) })
	}
	_, _, err = l.load(ctx, manyConnections, freshFrom(measured()))
	both.Wait()
	for i := range found {
		if err == nil {
			err = errs[i]
		}
		if err == nil {
			err = found[i].read(ctx, b.profilePath(i))
		}
	}
	return err
}

func (b *bench) profilePath(i int) string { return filepath.Join(b.dir, fmt.Sprintf("profile-%d", i)) }

// fetchProfile has a process look at itself for a while.
func fetchProfile(ctx context.Context, address, path string, length time.Duration) error {
	url := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", address, max(int(length.Seconds()), 1))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Timeout: length + time.Minute}).Do(request)
	if err != nil {
		return fmt.Errorf("take a profile: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // it is read whole
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("take a profile: status %d: %w", response.StatusCode, err)
	}
	return os.WriteFile(path, body, 0o600)
}

// read adds a profile from its file.
func (p *profile) read(ctx context.Context, path string) error {
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-traces", "-unit", "ms", path).Output()
	if err != nil {
		return fmt.Errorf("read a profile: %w", err)
	}
	p.add(out)
	return nil
}
