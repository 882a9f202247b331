package nginxtest_test

import (
	"net/http"
	"testing"

	"numbermill/e2e/nginxtest"
)

func TestStartsWithNothingBehind(t *testing.T) {
	t.Parallel()
	s := nginxtest.Start(t, nginxtest.Options{})
	res, err := http.Get(s.URL + "/v1/functions")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusBadGateway {
		t.Errorf("without an API: %d, want 502", res.StatusCode)
	}
	line := s.Await(t, "the request", func(l nginxtest.Line) bool { return l.Text("url.path") == "/v1/functions" })
	if got := line.Text("http.response.status_code"); got != "502" {
		t.Errorf("the log says %s", got)
	}
}
