package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	"numbermill/api"
	"numbermill/api/client"
)

// Submit a computation, wait for it and copy its digits.
func Example() {
	ctx := context.Background()
	server := exampleServer()
	defer server.Close()
	c, err := client.New(server.URL, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	submitted, err := c.Submit(ctx, api.JobRequest{Function: "fibonacci", Args: map[string]string{"n": "100"}}, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	if _, err := c.Wait(ctx, submitted.ID); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	digits, err := c.Result(ctx, submitted.ID, 0, -1)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer digits.Close()
	_, _ = io.Copy(os.Stdout, digits)
	// Output: 354224848179261915075
}

// exampleServer has one job, which succeeds at once.
func exampleServer() *httptest.Server {
	say := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/jobs", say(`{"id":"job_1","state":"queued"}`))
	mux.HandleFunc("GET /v1/jobs/job_1", say(`{"id":"job_1","state":"succeeded"}`))
	mux.HandleFunc("GET /v1/jobs/job_1/result", say("354224848179261915075"))
	return httptest.NewServer(mux)
}
