package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"numbermill/api"
)

// mostProblem bounds how much of a refusal is read, in bytes.
const mostProblem = 1 << 20

// ErrNotModified says that a job is still the version that the caller knows.
var ErrNotModified = errors.New("the job has not changed")

// Problem is a refusal of the server, or of something before it that does not speak as the server does.
type Problem struct { //nolint:errname // it is a problem document, which has that name
	api.Problem

	// RetryAfter is when it is worth trying again; zero if trying again does not help.
	RetryAfter time.Duration
}

// Error is the detail, with every field that is wrong.
func (p *Problem) Error() string {
	text := p.Detail
	if text == "" {
		text = fmt.Sprintf("the server answered %d", p.Status)
	}
	for _, f := range p.Errors {
		if f.Detail != text {
			text += "\n" + f.Pointer + ": " + f.Detail
		}
	}
	return text
}

// Name is what kind of problem it is, such as "invalid-arguments"; empty if it does not come from a Numbermill server.
func (p *Problem) Name() string {
	name, ok := strings.CutPrefix(p.Type, "/problems/")
	if !ok {
		return ""
	}
	return name
}

// refusal makes an error of an answer that is none.
func refusal(res *http.Response) error {
	if res.StatusCode == http.StatusNotModified {
		return ErrNotModified
	}
	p := &Problem{RetryAfter: retryAfter(res.Header)}
	b, err := io.ReadAll(io.LimitReader(res.Body, mostProblem))
	if err != nil || !strings.HasPrefix(res.Header.Get("Content-Type"), api.ProblemType) || json.Unmarshal(b, &p.Problem) != nil {
		p.Problem = api.Problem{Title: http.StatusText(res.StatusCode)}
	}
	p.Status = res.StatusCode
	return p
}

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
