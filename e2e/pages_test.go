package e2e_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"numbermill/e2e/platformtest"
)

// Every page of the web app can be opened and reloaded by its address, whatever the browser accepts; what is neither page nor file is not
// found.
func TestPages(t *testing.T) {
	t.Parallel()
	_, c := platformtest.Up(t, platformtest.Folder(t))
	home := request(t, c, http.MethodGet, "/", "")
	for _, path := range []string{
		"/", "/tasks/fibonacci", "/tasks/fibonacci-sum", "/tasks/factorial", "/tasks/ackermann", "/jobs", "/jobs/job_01936f5e-0000-7000-8000-000000000abc",
	} {
		for _, accept := range []string{"text/html", "*/*", "application/json"} {
			r := request(t, c, http.MethodGet, path, "", "Accept", accept)
			if r.Status != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || !bytes.Equal(r.Body, home.Body) {
				t.Errorf("with Accept %s: got %s as %s, want the page", accept, r, r.Header.Get("Content-Type"))
			}
		}
	}
	if r := request(t, c, http.MethodGet, "/assets/nothing.js", ""); r.Status != http.StatusNotFound {
		t.Errorf("got %s, want 404", r)
	}
	document := request(t, c, http.MethodGet, "/openapi.yaml", "")
	if document.Status != http.StatusOK || !bytes.HasPrefix(document.Body, []byte("openapi: 3.1")) {
		t.Errorf("got %s, want the contract", document)
	}
}
