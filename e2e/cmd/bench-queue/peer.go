package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// peer is another queue behind HTTP. All of them answer the same few requests, which the programs in peers/ are written for.
type peer struct{ url string }

// peerAnswer is what they answer.
type peerAnswer struct {
	ID, State, Result string
	Completed         int
}

func (peer) close() {}

func (s peer) connect(ctx context.Context) (caller, error) {
	conn, err := benchmark.DialHTTP(ctx, s.url)
	return &peerCaller{Conn: conn}, err
}

// peerCaller is a connection to a peer.
type peerCaller struct {
	*benchmark.Conn
	body []byte
}

func (c *peerCaller) close() { c.Close() }

// appendPeer appends the job as a peer wants it.
func (j job) appendPeer(to []byte) []byte {
	to = append(append(append(to, `{"function":"`...), j.function()...), `","n":`...)
	return append(strconv.AppendInt(to, int64(j.n), 10), '}')
}

func (c *peerCaller) fresh(_ context.Context, j job) (string, error) {
	c.body = j.appendPeer(c.body[:0])
	status, answer, err := c.Do(http.MethodPost, "/jobs", "", c.body)
	if err != nil {
		return "", err
	}
	got, err := readPeer(status, answer)
	if err != nil {
		return "", err
	}
	return got.ID, j.compare(got.Result)
}

// readPeer takes only an answer with a result.
func readPeer(status int, answer []byte) (peerAnswer, error) {
	var got peerAnswer
	if err := json.Unmarshal(answer, &got); err != nil || status != http.StatusOK || got.State != "completed" || got.Result == "" {
		return got, fmt.Errorf("%w: %d %.500s", errWrong, status, answer)
	}
	return got, nil
}

func (c *peerCaller) get(_ context.Context, id string) error {
	status, answer, err := c.Do(http.MethodGet, "/jobs/"+id, "", nil)
	if err != nil {
		return err
	}
	_, err = readPeer(status, answer)
	return err
}

// again is nothing that they offer: each job is computed.
func (*peerCaller) again(context.Context, job) error { return errNotOffered }

// batch submits all at once, and asks how many are done until all are.
func (s peer) batch(ctx context.Context, all []job) (accepted, done time.Duration, err error) {
	conn, err := benchmark.DialHTTP(ctx, s.url)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close()
	before, err := completed(conn)
	if err != nil {
		return 0, 0, err
	}
	body := []byte{'['}
	for i, j := range all {
		if i > 0 {
			body = append(body, ',')
		}
		body = j.appendPeer(body)
	}
	body = append(body, ']')
	began := time.Now()
	status, answer, err := conn.Do(http.MethodPost, "/batches", "", body)
	if err != nil {
		return 0, 0, err
	}
	if status != http.StatusAccepted {
		return 0, 0, fmt.Errorf("%w: a batch was answered with %d %.500s", errWrong, status, answer)
	}
	accepted = time.Since(began)
	for {
		count, err := completed(conn)
		if err != nil || count-before >= len(all) {
			return accepted, time.Since(began), err
		}
		if err := pause(ctx, pollPause); err != nil {
			return 0, 0, err
		}
	}
}

// completed asks how many jobs are done.
func completed(conn *benchmark.Conn) (int, error) {
	status, answer, err := conn.Do(http.MethodGet, "/batches", "", nil)
	if err != nil {
		return 0, err
	}
	var got peerAnswer
	if err := json.Unmarshal(answer, &got); err != nil || status != http.StatusOK {
		return 0, fmt.Errorf("%w: %d %.500s", errWrong, status, answer)
	}
	return got.Completed, nil
}
