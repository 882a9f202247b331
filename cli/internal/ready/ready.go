// Package ready tells when a server would answer its first request well.
package ready

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"time"
)

const (
	pollInterval   = 10 * time.Millisecond
	requestTimeout = 5 * time.Second
	// maxAnswer is how much of an answer is read, in bytes.
	maxAnswer = 16 << 10
)

// URL returns the address under which a server that listens on address can be reached from this machine.
func URL(address string) string {
	if listen, err := netip.ParseAddrPort(address); err == nil && listen.Addr().IsUnspecified() {
		// Go takes IPv4 connections on [::] as well.
		address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), listen.Port()).String()
	}
	return "http://" + address
}

// Await asks the server at url until it says that it is ready, or ctx ends. The error then holds its last answer.
func Await(ctx context.Context, url string) error {
	// Loopback needs no proxy, and nothing is to stay open.
	client := &http.Client{Timeout: requestTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	again := time.NewTicker(pollInterval)
	defer again.Stop()
	for {
		err := ask(ctx, client, url+"/readyz")
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

func ask(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return errors.Join(fmt.Errorf("%s answers %s: %s", url, response.Status, answer), err)
}
