// Package history keeps finished jobs in Elasticsearch, for good, and asks it how the platform has been doing. It is the only package that
// speaks Elasticsearch for the API and the workers; the mapping of what it writes is put in place by `numbermill setup`.
//
// Each job is one document whose id is the job's, written under version 1 and erased under version 2: whatever is sent twice, or late, changes
// nothing.
package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esapi"

	"numbermill/shared/job"
)

// The names under which things stand in Elasticsearch.
const (
	DefaultIndex     = "jobs-numbermill"
	DefaultNginx     = "logs-nginx.access-*"
	DefaultHeartbeat = "heartbeat-*"
)

const (
	// writeTimeout bounds one bulk. The tombstone of an erased job lasts for a minute, and must outlast a bulk that was under way.
	writeTimeout = 30 * time.Second
	// readTimeout bounds one question.
	readTimeout = 5 * time.Second
	dialTimeout = 2 * time.Second
	// mostAnswer is how many bytes of an answer are read.
	mostAnswer = 64 << 20
	// mostReason is how many bytes of what Elasticsearch has to say go into an error.
	mostReason = 500
)

// ErrNotReady says that the index is not there, or not with our mapping: `numbermill setup` has not run yet. It comes with the code
// job.Unavailable.
var ErrNotReady = errors.New(`the index of the history is not in place; "numbermill setup" makes it`)

// Config says where the history is. Empty names take their defaults; tests have their own.
type Config struct {
	// URL is that of Elasticsearch, and may carry a user and a password. No error repeats it.
	URL string
	// Index holds the jobs. Nginx and Heartbeat are the patterns of what Levels reads.
	Index, Nginx, Heartbeat string
}

// History is a connection to Elasticsearch. It is safe for concurrent use. Errors of an Elasticsearch that does not answer, or not now, have the
// code job.Unavailable.
type History struct {
	client           *elasticsearch.Client
	transport        *http.Transport
	index            string
	nginx, heartbeat string
}

// Open returns a history that connects when it is first used. It fails only if the URL is none.
func Open(c Config) (*History, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" {
		return nil, errors.New("the Elasticsearch URL is not valid; write http://HOST:PORT or https://USER:PASSWORD@HOST:PORT")
	}
	password, _ := u.User.Password()
	user := u.User.Username()
	u.User = nil // so that no error of the library can repeat it
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout: dialTimeout, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 8, MaxConnsPerHost: 64,
	}
	client, err := elasticsearch.NewClient(elasticsearch.Config{
		Addresses: []string{u.String()}, Username: user, Password: password, Transport: transport, DisableRetry: true,
	})
	if err != nil {
		return nil, errors.New("the Elasticsearch URL does not do; write http://HOST:PORT or https://USER:PASSWORD@HOST:PORT")
	}
	h := &History{client: client, transport: transport, index: c.Index, nginx: c.Nginx, heartbeat: c.Heartbeat}
	for name, standard := range map[*string]string{&h.index: DefaultIndex, &h.nginx: DefaultNginx, &h.heartbeat: DefaultHeartbeat} {
		if *name == "" {
			*name = standard
		}
	}
	return h, nil
}

// Client is the connection itself, for whoever asks it about something else than jobs.
func (h *History) Client() *elasticsearch.Client { return h.client }

// Close closes connections that nobody uses.
func (h *History) Close() { h.transport.CloseIdleConnections() }

// Check fails unless Elasticsearch answers and the index is in place with our mapping.
func (h *History) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var found map[string]struct {
		Mappings struct {
			Properties struct {
				Record struct {
					Enabled *bool `json:"enabled"`
				} `json:"record"`
			} `json:"properties"`
		} `json:"mappings"`
	}
	response, err := h.client.Indices.GetMapping(h.client.Indices.GetMapping.WithContext(ctx), h.client.Indices.GetMapping.WithIndex(h.index))
	if err := read("look at the index", response, err, &found); err != nil {
		return err
	}
	for _, index := range found {
		// What a mapping that Elasticsearch has guessed would not have.
		if on := index.Mappings.Properties.Record.Enabled; on != nil && !*on {
			return nil
		}
	}
	return job.Errorf(job.Unavailable, "look at the index: %w", ErrNotReady)
}

// read decodes an answer, or gives the error that it is.
func read(doing string, response *esapi.Response, err error, into any) error {
	if err != nil {
		return broken(doing, err)
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	body := io.LimitReader(response.Body, mostAnswer)
	if response.IsError() {
		return refused(doing, response.StatusCode, body)
	}
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return broken(doing, err)
	}
	return nil
}

// broken is the error of a call that had no answer, or half of one.
func broken(doing string, err error) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return job.Errorf(job.Unavailable, "%s: Elasticsearch does not answer: %w", doing, err)
}

// StatusError is what Elasticsearch said that was no success.
type StatusError struct {
	// Status is that of HTTP, Kind Elasticsearch's word for what is wrong; it may be empty.
	Status       int
	Kind, Reason string
}

// Error is for logs.
func (e *StatusError) Error() string {
	return fmt.Sprintf("Elasticsearch says %d %s: %s", e.Status, e.Kind, e.Reason)
}

// refused is the error of an answer that is none.
func refused(doing string, status int, body io.Reader) error {
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	said := &StatusError{Status: status}
	if err := json.NewDecoder(body).Decode(&answer); err == nil {
		said.Kind, said.Reason = reasonOf(answer.Error)
	}
	switch {
	case status == http.StatusNotFound && said.Kind == "index_not_found_exception":
		return job.Errorf(job.Unavailable, "%s: %w", doing, ErrNotReady)
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%s: %w", doing, said)
	default: // it is busy, it starts, or its users and roles are not in place
		return job.Errorf(job.Unavailable, "%s: %w", doing, said)
	}
}

// reasonOf reads an error, which is an object or a mere text.
func reasonOf(raw json.RawMessage) (kind, reason string) {
	var e struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
		Cause  *struct {
			Type   string `json:"type"`
			Reason string `json:"reason"`
		} `json:"caused_by"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		_ = json.Unmarshal(raw, &e.Reason) // or there is nothing to say
	}
	if e.Cause != nil {
		e.Reason += ": " + e.Cause.Type + ": " + e.Cause.Reason
	}
	return e.Type, e.Reason[:min(len(e.Reason), mostReason)]
}
