package server_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/shared/job"
)

func TestListPagesAndFilters(t *testing.T) {
	t.Parallel()
	h := start(t)
	var ids []job.ID
	for n := range 5 {
		body := fmt.Sprintf(`{"function":"fibonacci","args":{"n":%d},"labels":{"run":"%c","n":"%d"}}`, n, 'a'+n%2, n)
		ids = append(ids, decode[api.Job](t, h.want(h.do(http.MethodPost, "/v1/jobs", body, nil), http.StatusAccepted)).ID)
	}
	ids = append(ids, decode[api.Job](t, h.want(h.do(http.MethodPost, "/v1/jobs", `{"function":"factorial","args":{"n":5}}`, nil), http.StatusAccepted)).ID)
	h.want(h.do(http.MethodPost, "/v1/jobs/"+string(ids[0])+"/cancel", "", nil), http.StatusOK)
	middle := h.job(ids[3]).CreatedAt
	later := middle.Add(24 * time.Hour).Format(time.RFC3339Nano)
	tests := map[string][]int{
		"":                              {5, 4, 3, 2, 1, 0},
		"?page_size=2":                  {5, 4, 3, 2, 1, 0},
		"?page_size=0":                  {5, 4, 3, 2, 1, 0},
		"?page_size=999999999999":       {5, 4, 3, 2, 1, 0},
		"?page_size=1&label=run:a":      {4, 2, 0},
		"?label=run":                    {4, 3, 2, 1, 0},
		"?label=run:a&label=n:2":        {2},
		"?label=run:":                   {},
		"?state=cancelled":              {0},
		"?state=cancelled&state=queued": {5, 4, 3, 2, 1, 0},
		"?state=succeeded":              {},
		"?function=factorial":           {5},
		"?function=nothing":             {},
		"?created_after=" + later:       {},
		"?created_before=" + later:      {5, 4, 3, 2, 1, 0},
		"?created_after=2001-01-01T00:00:00%2B02:00": {5, 4, 3, 2, 1, 0},
	}
	for query, want := range tests {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			var got []int
			for path, token := "/v1/jobs"+query, "?"; token != ""; {
				page := decode[api.JobList](t, h.want(h.get(path, nil), http.StatusOK))
				for _, j := range page.Jobs {
					for i, id := range ids {
						if id == j.ID {
							got = append(got, i)
						}
					}
				}
				token = page.NextPageToken
				path = "/v1/jobs" + query + map[bool]string{true: "?", false: "&"}[query == ""] + "page_token=" + token
			}
			if diff := cmp.Diff(want, append([]int{}, got...)); diff != "" {
				t.Errorf("jobs (-want +got):\n%s", diff)
			}
		})
	}
}
