package e2e_test

import (
	"net/http"
	"slices"
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
	const small = "small" // others may be there as well: all queues once they are announced, and those of a self-test under way
	if !slices.Contains(queues, small) {
		t.Fatalf("the monitor knows the queues %v, want %s among them", queues, small)
	}
	completed := request(t, c, http.MethodGet, "/monitor/api/queues/"+small+"/completed_tasks", "")
	if completed.Status != http.StatusOK || !strings.Contains(string(completed.Body), "fibonacci") {
		t.Errorf("the completed tasks: %s, want one of fibonacci", completed)
	}
	for _, write := range [][2]string{
		{http.MethodPost, "/monitor/api/queues/" + small + ":pause"},
		{http.MethodDelete, "/monitor/api/queues/" + small + "/completed_tasks:delete_all"},
		{http.MethodDelete, "/monitor/api/queues/" + small},
	} {
		if r := request(t, c, write[0], write[1], ""); r.Status != http.StatusMethodNotAllowed && r.Status != http.StatusForbidden {
			t.Errorf("got %s, want a refusal", r)
		}
	}
	r := request(t, c, http.MethodPost, "/monitor/api/queues/"+small+":pause", "", "Sec-Fetch-Site", "cross-site")
	if r.Status != http.StatusForbidden || r.Header.Get("Content-Type") != api.ProblemType {
		t.Errorf("from another site: got %s, want 403", r)
	}
	if got := monitoredQueues(t, c); !slices.Contains(got, small) {
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

// monitoredQueues are the names of the queues that the monitor knows.
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
		names = append(names, q.Queue)
	}
	return names
}
