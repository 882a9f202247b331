package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"numbermill/api"
	"numbermill/e2e/platformtest"
	"numbermill/shared/job"
)

// Asynq's web monitor shows the tasks and changes nothing: its pages and reads work, its writes and the pages of other sites are refused.
func TestMonitor(t *testing.T) {
	t.Parallel()
	_, c := platformtest.Up(t, platformtest.Folder(t))
	await(t, c, submit(t, c, "fibonacci", "n=777").ID, job.Succeeded, platformtest.Patience)

	if r := request(t, c, http.MethodGet, "/monitor", ""); r.Status != http.StatusPermanentRedirect || r.Header.Get("Location") != "/monitor/" {
		t.Errorf("got %s to %q, want a redirect to /monitor/", r, r.Header.Get("Location"))
	}
	for _, page := range []string{"/monitor/", "/monitor/queues/default/tasks"} {
		r := request(t, c, http.MethodGet, page, "", "Accept", "text/html")
		if r.Status != http.StatusOK || !strings.Contains(string(r.Body), "<html") {
			t.Errorf("got %s, want a page", r)
		}
	}
	queues := monitoredQueues(t, c)
	if len(queues) != 1 {
		t.Fatalf("the monitor knows the queues %v, want one", queues)
	}
	completed := request(t, c, http.MethodGet, "/monitor/api/queues/"+queues[0]+"/completed_tasks", "")
	if completed.Status != http.StatusOK || !strings.Contains(string(completed.Body), "fibonacci") {
		t.Errorf("the completed tasks: %s, want one of fibonacci", completed)
	}
	for _, write := range [][2]string{
		{http.MethodPost, "/monitor/api/queues/" + queues[0] + ":pause"},
		{http.MethodDelete, "/monitor/api/queues/" + queues[0] + "/completed_tasks:delete_all"},
		{http.MethodDelete, "/monitor/api/queues/" + queues[0]},
	} {
		if r := request(t, c, write[0], write[1], ""); r.Status != http.StatusMethodNotAllowed && r.Status != http.StatusForbidden {
			t.Errorf("got %s, want a refusal", r)
		}
	}
	r := request(t, c, http.MethodPost, "/monitor/api/queues/"+queues[0]+":pause", "", "Sec-Fetch-Site", "cross-site")
	if r.Status != http.StatusForbidden || r.Header.Get("Content-Type") != api.ProblemType {
		t.Errorf("from another site: got %s, want 403", r)
	}
	if got := monitoredQueues(t, c); len(got) != 1 {
		t.Errorf("after all that the queues are %v", got)
	}
	await(t, c, submit(t, c, "fibonacci", "n=778").ID, job.Succeeded, platformtest.Patience)
}

// With an address for the operator, the monitor is there, and what people use is not.
func TestOperatorListen(t *testing.T) {
	t.Parallel()
	up, c := platformtest.Up(t, platformtest.Folder(t), "--operator-listen", "127.0.0.1:0")
	line := up.Err.Await(t, platformtest.Patience, "the operator's address", says("api opened"))
	operator := platformtest.NewClient(t, "http://"+line.Text("numbermill.operator_address"))
	if operator.URL == c.URL {
		t.Fatal("the operator has no address of its own")
	}
	for path, want := range map[string]int{"/monitor/": http.StatusOK, "/healthz": http.StatusOK, "/readyz": http.StatusOK, jobs: http.StatusNotFound} {
		if r := request(t, operator, http.MethodGet, path, ""); r.Status != want {
			t.Errorf("the operator's address: got %s, want %d", r, want)
		}
	}
}

// monitoredQueues are the names of the queues that the monitor knows, but for those of a self-test, which come and go as a process starts.
func monitoredQueues(t *testing.T, c *platformtest.Client) []string {
	t.Helper()
	var answer struct {
		Queues []struct {
			Queue string `json:"queue"`
		} `json:"queues"`
	}
	r := request(t, c, http.MethodGet, "/monitor/api/queues", "")
	if err := r.Decode(&answer); err != nil || r.Status != http.StatusOK {
		t.Fatalf("list the queues: %s (%v)", r, err)
	}
	var names []string
	for _, q := range answer.Queues {
		if !strings.HasPrefix(q.Queue, "selftest-") {
			names = append(names, q.Queue)
		}
	}
	return names
}
