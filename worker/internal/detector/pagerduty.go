package detector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	// DefaultPagerDuty is where PagerDuty takes events (Events API v2).
	DefaultPagerDuty = "https://events.pagerduty.com/v2/enqueue"
	pagerTimeout     = 10 * time.Second
	pagerTries       = 3
	mostAnswer       = 4 << 10
	longestSummary   = 1024
)

// Notifier hands incidents to people.
type Notifier interface {
	// Open says that an incident has begun, Close that it is over. Saying one again does no harm.
	Open(ctx context.Context, dedupKey, summary string, at time.Time, details map[string]any) error
	Close(ctx context.Context, dedupKey string) error
}

// PagerDuty hands incidents to PagerDuty. It is safe for concurrent use.
type PagerDuty struct {
	url, key string
	client   *http.Client
	pause    time.Duration // before the second try; it doubles
}

// NewPagerDuty returns a notifier for the integration key of a service. An empty address means DefaultPagerDuty.
func NewPagerDuty(address, key string) *PagerDuty {
	if address == "" {
		address = DefaultPagerDuty
	}
	return &PagerDuty{url: address, key: key, client: &http.Client{Timeout: pagerTimeout}, pause: time.Second}
}

// pagerEvent is the body of a request.
type pagerEvent struct {
	RoutingKey string        `json:"routing_key"`
	Action     string        `json:"event_action"`
	DedupKey   string        `json:"dedup_key"`
	Payload    *pagerPayload `json:"payload,omitempty"`
}

type pagerPayload struct {
	Summary   string         `json:"summary"`
	Source    string         `json:"source"`
	Severity  string         `json:"severity"`
	Timestamp string         `json:"timestamp"`
	Class     string         `json:"class"`
	Details   map[string]any `json:"custom_details,omitempty"`
}

// Open triggers an alert.
func (p *PagerDuty) Open(ctx context.Context, dedupKey, summary string, at time.Time, details map[string]any) error {
	return p.send(ctx, pagerEvent{Action: "trigger", DedupKey: dedupKey, Payload: &pagerPayload{
		Summary: summary[:min(len(summary), longestSummary)], Source: "numbermill", Severity: "warning", Class: "anomaly",
		Timestamp: at.UTC().Format(time.RFC3339), Details: details,
	}})
}

// Close resolves it.
func (p *PagerDuty) Close(ctx context.Context, dedupKey string) error {
	return p.send(ctx, pagerEvent{Action: "resolve", DedupKey: dedupKey})
}

// errLater marks refusals that another try may get around.
var errLater = errors.New("try again later")

func (p *PagerDuty) send(ctx context.Context, e pagerEvent) error {
	e.RoutingKey = p.key
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode event for PagerDuty: %w", err)
	}
	pause := p.pause
	for try := 1; ; try++ {
		err = p.post(ctx, body)
		if err == nil || try == pagerTries || !errors.Is(err, errLater) {
			return err
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
			pause *= 2
		case <-ctx.Done():
			t.Stop()
			return err
		}
	}
}

// post sends once. Nothing that it returns holds the key.
func (p *PagerDuty) post(ctx context.Context, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("tell PagerDuty: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := p.client.Do(r)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return fmt.Errorf("tell PagerDuty: %w: %w", errLater, err)
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	switch code := answer.StatusCode; {
	case code == http.StatusAccepted || code == http.StatusOK:
		return nil
	case code == http.StatusTooManyRequests || code >= http.StatusInternalServerError:
		return fmt.Errorf("tell PagerDuty: %w: it answers %d", errLater, code)
	default:
		return errors.Join(fmt.Errorf("tell PagerDuty: it answers %d: %.200q; check the integration key", code, said), err)
	}
}
