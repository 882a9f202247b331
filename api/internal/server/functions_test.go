package server_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"numbermill/api"
	"numbermill/shared/function"
)

func TestFunctionsAreTheCatalogue(t *testing.T) {
	t.Parallel()
	h := start(t)
	list := decode[api.FunctionList](t, h.want(h.get("/v1/functions", nil), http.StatusOK))
	var got, want []string
	for _, f := range list.Functions {
		got = append(got, f.Name)
		if f.Limits.Digits != "10000000" || f.ArgumentsSchema["type"] != "object" || f.Methods[0].Name != "fast" {
			t.Errorf("%s is described as %+v", f.Name, f)
		}
		one := decode[api.Function](t, h.want(h.get("/v1/functions/"+f.Name, nil), http.StatusOK))
		if diff := cmp.Diff(f, one); diff != "" {
			t.Errorf("%s alone differs from its entry in the list (-list +alone):\n%s", f.Name, diff)
		}
	}
	for _, f := range function.All() {
		want = append(want, f.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestHeadAnswersLikeGetWithoutABody(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, path := range []string{"/v1/functions", "/v1/jobs", "/healthz", "/openapi.yaml"} {
		got, head := h.want(h.get(path, nil), http.StatusOK), h.want(h.do(http.MethodHead, path, "", nil), http.StatusOK)
		if len(head.body) != 0 || head.Header.Get("Content-Type") != got.Header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d bytes of %q, GET says %q", path, len(head.body), head.Header.Get("Content-Type"), got.Header.Get("Content-Type"))
		}
	}
}
