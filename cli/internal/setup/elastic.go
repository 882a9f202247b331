package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esapi"

	"numbermill/cli/internal/failure"
	"numbermill/shared/config"
)

const (
	// callTimeout bounds one request, and retryTimeout one that is tried again because a server is not quite ready.
	callTimeout  = 30 * time.Second
	retryTimeout = 2 * time.Minute
	retryPause   = 500 * time.Millisecond
	// settleTime is how long an Elasticsearch that has just started may take to know its users: until then it refuses the right password too.
	settleTime = 20 * time.Second
	// mostAnswer bounds what is read of an answer, in bytes.
	mostAnswer = 8 << 20
)

// elastic is Elasticsearch, patient with one that has only just started.
type elastic struct {
	*elasticsearch.Client

	transport *http.Transport
}

func newTransport() *http.Transport {
	return &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: callTimeout, MaxIdleConns: 1, ForceAttemptHTTP2: true}
}

func dial(address config.Secret) (*elastic, error) {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return nil, errors.New("the URL of Elasticsearch does not do") // the parser's error would repeat it
	}
	user := u.User.Username()
	u.User = nil // so that no error of the client can repeat it
	transport := newTransport()
	client, err := elasticsearch.NewClient(elasticsearch.Config{
		Addresses: []string{u.String()}, Username: user, Password: password(address).Reveal(), Transport: transport, DisableRetry: true,
	})
	if err != nil {
		return nil, fmt.Errorf("make a client of Elasticsearch: %w", err)
	}
	return &elastic{client, transport}, nil
}

func (e *elastic) close() { e.transport.CloseIdleConnections() }

// await waits until Elasticsearch answers, and returns its version.
func (e *elastic) await(ctx context.Context, wait time.Duration) (version string, err error) {
	var info struct {
		Version struct{ Number string }
	}
	settled := time.Now().Add(min(settleTime, wait/2))
	err = patiently(ctx, wait, func(ctx context.Context) error {
		const what = "ask Elasticsearch for its version"
		err := e.once(ctx, what, &info, func(ctx context.Context) (*esapi.Response, error) { return e.Info(e.Info.WithContext(ctx)) })
		if r, ok := errors.AsType[*refusalError](err); ok && r.Status == http.StatusUnauthorized && time.Now().Before(settled) {
			return &unreached{what, err}
		}
		return err
	})
	if unanswered(err) {
		return "", failure.WithHint(fmt.Errorf("Elasticsearch has not answered within %v: %w", wait, err), //nolint:staticcheck // a name
			"is it running, and is --elasticsearch where it is? --wait gives it longer")
	}
	return info.Version.Number, err
}

// call does one request, again and again while Elasticsearch is not ready for it. What it answers goes to into, unless that is nil.
func (e *elastic) call(ctx context.Context, what string, into any, request func(context.Context) (*esapi.Response, error)) error {
	return patiently(ctx, retryTimeout, func(ctx context.Context) error { return e.once(ctx, what, into, request) })
}

func (*elastic) once(ctx context.Context, what string, into any, request func(context.Context) (*esapi.Response, error)) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	response, err := request(ctx)
	if err != nil {
		return &unreached{what, plainly(err)}
	}
	defer func() { _ = response.Body.Close() }() // it was read
	return read(what, "Elasticsearch", response.StatusCode, response.Body, into)
}

// patiently tries until it works, until an error is final, or until it has taken too long.
func patiently(ctx context.Context, wait time.Duration, try func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	again := time.NewTicker(retryPause)
	defer again.Stop()
	for last := error(nil); ; {
		err := try(bounded)
		if !passing(err) {
			return err
		}
		if bounded.Err() == nil || last == nil {
			last = err // that of a request which ran out of time says less
		}
		select {
		case <-again.C:
		case <-bounded.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return last
		}
	}
}

// unreached is a request without an answer.
type unreached struct {
	what string
	err  error
}

// Error says what was not done, and why.
func (u *unreached) Error() string { return u.what + ": " + u.err.Error() }

// Unwrap returns why.
func (u *unreached) Unwrap() error { return u.err }

// refusalError is an answer that says no.
type refusalError struct {
	What   string // was to be done
	Who    string // says no
	Status int    // of HTTP
	Type   string // Elasticsearch's name of the reason, or ""
	Reason string
}

// Error says who refuses what, and why.
func (r *refusalError) Error() string {
	return fmt.Sprintf("%s: %s refuses with %d %s: %s", r.What, r.Who, r.Status, http.StatusText(r.Status), r.Reason)
}

// missing tells whether a server has no such thing as was asked for: not this one thing, but any of its kind.
func (r *refusalError) missing() bool {
	return r.Status == http.StatusMethodNotAllowed || r.Status == http.StatusBadRequest && strings.HasPrefix(r.Reason, "no handler found")
}

// passing tells whether the next try may work.
func passing(err error) bool {
	if unanswered(err) {
		return true
	}
	r, ok := errors.AsType[*refusalError](err)
	return ok && (r.Status == http.StatusTooManyRequests || r.Status == http.StatusBadGateway || r.Status == http.StatusServiceUnavailable ||
		r.Status == http.StatusGatewayTimeout)
}

func unanswered(err error) bool {
	_, ok := errors.AsType[*unreached](err)
	return ok
}

// read decodes an answer, or makes a refusalError of it.
func read(what, who string, status int, body io.Reader, into any) error {
	text, err := io.ReadAll(io.LimitReader(body, mostAnswer))
	if err != nil {
		return &unreached{what, plainly(err)}
	}
	if status >= http.StatusMultipleChoices {
		refusal := explain(text)
		refusal.What, refusal.Who, refusal.Status = what, who, status
		return advise(refusal)
	}
	if into == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return failure.WithHint(fmt.Errorf("%s: %s answers something else: %w", what, who, err), "does the URL lead to "+who+"?")
	}
	return nil
}

// explain finds the reason in an error of Elasticsearch ({"error": {"type", "reason"}} or {"error": "reason"}) or Kibana ({"message"}).
func explain(text []byte) *refusalError {
	var answer struct {
		Error   json.RawMessage
		Message string
	}
	var deep struct {
		Type, Reason string
		CausedBy     struct{ Reason string } `json:"caused_by"`
	}
	var flat string
	switch {
	case json.Unmarshal(text, &answer) != nil:
		return &refusalError{Reason: fmt.Sprintf("%.300s", strings.TrimSpace(string(text)))}
	case answer.Message != "":
		return &refusalError{Reason: answer.Message}
	case json.Unmarshal(answer.Error, &deep) == nil:
		if deep.CausedBy.Reason != "" {
			deep.Reason += ": " + deep.CausedBy.Reason
		}
		return &refusalError{Type: deep.Type, Reason: deep.Reason}
	case json.Unmarshal(answer.Error, &flat) == nil:
		return &refusalError{Reason: flat}
	default:
		return &refusalError{Reason: fmt.Sprintf("%.300s", text)}
	}
}

// advise adds what to do about a refusal.
func advise(r *refusalError) error {
	switch r.Status {
	case http.StatusUnauthorized:
		return failure.WithHint(r, "the user and the password in --elasticsearch are not right; write http://elastic:PASSWORD@HOST:PORT")
	case http.StatusForbidden:
		return failure.WithHint(r, "the user in --elasticsearch may not do this; use a superuser, such as elastic")
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed:
		return failure.WithHint(r, "this needs "+r.Who+" 8.19 or a later 8; is it another version?")
	default:
		return failure.WithHint(r, "its log says more; when it is mended, run this again")
	}
}

// plainly takes the URL out of an error of net/http, which may hold a password.
func plainly(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// password returns that in a URL, if there is one.
func password(address config.Secret) config.Secret {
	u, err := url.Parse(address.Reveal())
	if err != nil || u.User == nil {
		return ""
	}
	p, _ := u.User.Password()
	return config.Secret(p)
}
