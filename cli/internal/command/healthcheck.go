package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"numbermill/cli/internal/failure"
)

const (
	defaultHealthURL = "http://127.0.0.1:8080/healthz"
	// healthTimeout is how long an answer may take: less than what containers give a check.
	healthTimeout = 3 * time.Second
)

func newHealthcheck() *cobra.Command {
	return &cobra.Command{
		Use:   "healthcheck [URL]",
		Short: "Tell by the exit code whether a service is well, for containers",
		Long: `Tell by the exit code whether a service is well: 0 if the URL answers 200 within three seconds, else 1, with a line that says why.
It is for the health checks of containers that have no shell. Without a URL it asks ` + defaultHealthURL + `.`,
		Example: "  numbermill healthcheck\n  numbermill healthcheck http://127.0.0.1:8081/healthz",
		Args: func(cmd *cobra.Command, arguments []string) error {
			if len(arguments) <= 1 {
				return nil
			}
			return failure.Usage(fmt.Errorf("%s takes one URL", cmd.CommandPath()), seeHelp(cmd))
		},
		RunE: func(cmd *cobra.Command, arguments []string) error {
			address := defaultHealthURL
			if len(arguments) == 1 {
				address = arguments[0]
			}
			return checkHealth(cmd.Context(), address)
		},
	}
}

// checkHealth returns an error unless address answers 200. The error has one line and no password.
func checkHealth(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("this is not a URL to check; write http://HOST:PORT/PATH")
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("check %s: %w", u.Redacted(), err)
	}
	// A proxy has no part in asking the machine itself, and a redirect is no health.
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s has not answered within %v", u.Redacted(), healthTimeout)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // without the URL, which is said already
	}
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", u.Redacted(), err)
	}
	defer func() { _ = response.Body.Close() }() // only the status counts
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s, not 200", u.Redacted(), response.Status)
	}
	return nil
}
