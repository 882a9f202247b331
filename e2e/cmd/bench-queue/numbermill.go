package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"numbermill/e2e/internal/benchmark"
)

// pollPause is the pause between two questions whether a batch is done, where the answer does not wait for it.
const pollPause = 5 * time.Millisecond

// errWrong is an answer that should have been another.
var errWrong = errors.New("this is not what was asked for")

// numbermill is an API and a worker as they run unless told otherwise, but for the limits and the measurement of the machine at the start.
type numbermill struct{ url string }

// startNumbermill starts them with more arguments each.
func startNumbermill(ctx context.Context, l *life, apiArgs, workerArgs []string) (target, error) {
	program := l.bench.programs.numbermill
	place := []string{"--redis", "redis://" + l.bench.redis.address, "--results", filepath.Join(l.dir, "results"), "--log-format", "json"}
	args := append(append([]string{"worker", "--calibrate=false"}, place...), workerArgs...)
	if _, err := l.run(ctx, worker, nil, program, args...); err != nil {
		return nil, err
	}
	args = append(append([]string{"api", "--listen", "127.0.0.1:0", "--max-active-jobs", "1000000"}, place...), apiArgs...)
	server, err := l.run(ctx, api, nil, program, args...)
	if err != nil {
		return nil, err
	}
	return numbermill{urlOf(server)}, nil
}

func (numbermill) close() {}

func (s numbermill) connect(ctx context.Context) (caller, error) {
	conn, err := benchmark.DialHTTP(ctx, s.url)
	return &numbermillCaller{Conn: conn}, err
}

// numbermillCaller is a connection to the API.
type numbermillCaller struct {
	*benchmark.Conn
	body []byte
}

func (c *numbermillCaller) close() { c.Close() }

// Parts of an answer that tell what there is to know without reading all of it.
var (
	saysSucceeded = []byte(`"state":"succeeded"`)
	saysPassed    = []byte(`"status":"passed"`)
	saysMiss      = []byte(`"cache":"miss"`)
	saysHit       = []byte(`"cache":"hit"`)
	saysEnded     = []byte(`"state":"ended"`)
)

// fresh takes only an answer that has a verified result which was computed for it.
func (c *numbermillCaller) fresh(_ context.Context, j job) (string, error) {
	return c.post(j, "Prefer: wait=30\r\n", saysMiss)
}

func (c *numbermillCaller) again(_ context.Context, j job) error {
	_, err := c.post(j, "", saysHit)
	return err
}

func (c *numbermillCaller) post(j job, header string, how []byte) (id string, err error) {
	c.body = j.append(c.body[:0])
	status, answer, err := c.Do(http.MethodPost, "/v1/jobs", header, c.body)
	if err != nil {
		return "", err
	}
	return verify(j, status, answer, how)
}

// append appends the job as a request.
func (j job) append(to []byte) []byte {
	to = append(append(append(to, `{"function":"`...), j.function()...), `","args":{"n":"`...)
	return append(strconv.AppendInt(to, int64(j.n), 10), `"}}`...)
}

// verify tells whether an answer is the job with its result, and returns the job's id.
func verify(j job, status int, answer, how []byte) (id string, err error) {
	if status != http.StatusOK || !bytes.Contains(answer, saysSucceeded) || !bytes.Contains(answer, saysPassed) || !bytes.Contains(answer, how) {
		return "", fmt.Errorf("%w: %s of %d was answered with %d %s", errWrong, j.function(), j.n, status, answer)
	}
	_, rest, _ := bytes.Cut(answer, []byte(`"id":"`))
	name, _, _ := bytes.Cut(rest, []byte(`"`))
	if !j.check {
		return string(name), nil
	}
	var got struct{ Result struct{ SHA256 string } }
	if err := json.Unmarshal(answer, &got); err != nil {
		return "", fmt.Errorf("%w: %w", errWrong, err)
	}
	return string(name), j.compareDigest(got.Result.SHA256)
}

func (c *numbermillCaller) get(_ context.Context, id string) error {
	status, answer, err := c.Do(http.MethodGet, "/v1/jobs/"+id, "", nil)
	if err == nil && (status != http.StatusOK || !bytes.Contains(answer, saysSucceeded)) {
		err = fmt.Errorf("%w: %s was answered with %d %s", errWrong, id, status, answer)
	}
	return err
}

// batch submits one batch and waits for its end, then has a look at some of its results.
func (s numbermill) batch(ctx context.Context, all []job) (accepted, done time.Duration, err error) {
	conn, err := benchmark.DialHTTP(ctx, s.url)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close()
	body := []byte(`{"jobs":[`)
	for i, j := range all {
		if i > 0 {
			body = append(body, ',')
		}
		body = j.append(body)
	}
	body = append(body, "]}"...)
	began := time.Now()
	status, answer, err := conn.Do(http.MethodPost, "/v1/batches", "", body)
	if err != nil {
		return 0, 0, err
	}
	accepted = time.Since(began)
	if status != http.StatusAccepted {
		return 0, 0, fmt.Errorf("%w: a batch was answered with %d %.500s", errWrong, status, answer)
	}
	var batch struct {
		ID     string
		Counts struct{ Total, Succeeded int }
	}
	if err := json.Unmarshal(answer, &batch); err != nil {
		return 0, 0, fmt.Errorf("%w: %w", errWrong, err)
	}
	for {
		if _, answer, err = conn.Do(http.MethodGet, "/v1/batches/"+batch.ID, "Prefer: wait=30\r\n", nil); err != nil {
			return 0, 0, err
		}
		if bytes.Contains(answer, saysEnded) {
			break
		}
		if err := pause(ctx, pollPause); err != nil {
			return 0, 0, err
		}
	}
	done = time.Since(began)
	if err := json.Unmarshal(answer, &batch); err != nil || batch.Counts.Succeeded != len(all) {
		return 0, 0, fmt.Errorf("%w: of %d jobs of a batch %d succeeded", errWrong, len(all), batch.Counts.Succeeded)
	}
	c := numbermillCaller{Conn: conn}
	for _, j := range all {
		if j.check {
			if err := c.again(ctx, j); err != nil {
				return 0, 0, err
			}
		}
	}
	return accepted, done, nil
}

// pause waits for a while.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
