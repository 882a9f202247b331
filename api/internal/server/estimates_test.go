package server_test

import (
	"net/http"
	"strings"
	"testing"

	"numbermill/api"
	"numbermill/shared/redistest"
)

func (h *harness) estimate(body string) api.Estimate {
	h.t.Helper()
	return decode[api.Estimate](h.t, h.want(h.do(http.MethodPost, "/v1/estimates", body, nil), http.StatusOK))
}

func TestEstimates(t *testing.T) {
	t.Parallel()
	h := start(t)
	text := func(s *string) string {
		if s == nil {
			return "null"
		}
		return *s
	}
	tests := map[string]struct {
		body               string
		args               map[string]string
		digits, reason     string
		hasCost, hasLarger bool
	}{
		"small":           {`{"function":"fibonacci","args":{"n":1e3}}`, map[string]string{"n": "1000"}, "209", "null", true, true},
		"by method":       {`{"function":"fibonacci","args":{"n":"10^3"},"method":"fast"}`, map[string]string{"n": "1000"}, "209", "null", true, true},
		"two arguments":   {`{"function":"ackermann","args":{"m":"4","n":"2"}}`, map[string]string{"m": "4", "n": "2"}, "19729", "null", true, true},
		"over the limit":  {`{"function":"fibonacci","args":{"n":"1e9"}}`, map[string]string{"n": "1000000000"}, "208987640", "cost-limit-exceeded", true, true},
		"far over":        {`{"function":"ackermann","args":{"m":3,"n":"1e900"}}`, nil, "", "cost-limit-exceeded", false, true},
		"unrepresentable": {`{"function":"ackermann","args":{"m":"4","n":"3"}}`, map[string]string{"m": "4", "n": "3"}, "null", "not-representable", false, true},
		"hopeless":        {`{"function":"ackermann","args":{"m":"9","n":"9"}}`, map[string]string{"m": "9", "n": "9"}, "null", "not-representable", false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			got := h.estimate(tt.body)
			if tt.digits != "" && text(got.Digits) != tt.digits || text(got.Reason) != tt.reason {
				t.Errorf("digits %s, reason %s, want %s and %s", text(got.Digits), text(got.Reason), tt.digits, tt.reason)
			}
			if got.Admissible != (tt.reason == "null") || (got.Cost.Estimated != nil) != tt.hasCost || (got.Seconds != nil) != tt.hasCost {
				t.Errorf("admissible %v, cost %s, seconds %v", got.Admissible, text(got.Cost.Estimated), got.Seconds)
			}
			if (got.LargestAdmissible != nil) != tt.hasLarger {
				t.Errorf("the largest admissible is %v", got.LargestAdmissible)
			}
			for arg, want := range tt.args {
				if got.Args[arg] != want {
					t.Errorf("%s is read as %s, want %s", arg, got.Args[arg], want)
				}
			}
			if got.Cached {
				t.Error("it is said to be stored")
			}
		})
	}
}

func TestLargestAdmissibleIsAdmissible(t *testing.T) {
	t.Parallel()
	h := start(t)
	r := h.do(http.MethodPost, "/v1/jobs", `{"function":"factorial","args":{"n":"1e9"}}`, nil)
	p := decode[api.Problem](t, h.want(r, http.StatusUnprocessableEntity))
	if p.Estimated == nil || p.Limit == nil || p.Limit.Digits != "10000000" || p.LargestAdmissible["n"] == "" {
		t.Fatalf("the refusal does not tell the limits: %s", r.body)
	}
	body := `{"function":"factorial","args":{"n":"` + p.LargestAdmissible["n"] + `"}}`
	if e := h.estimate(body); !e.Admissible {
		t.Errorf("%s is refused after all: %+v", body, e)
	}
	h.want(h.do(http.MethodPost, "/v1/jobs", body, nil), http.StatusAccepted)
}

func TestEstimateKnowsStoredResults(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.submitted(10)
	h.finish(h.claimed(), "55")
	if e := h.estimate(`{"function":"fibonacci","args":{"n":"10"}}`); !e.Cached {
		t.Error("a stored result is not said to be stored")
	}
}

func TestBadEstimates(t *testing.T) {
	t.Parallel()
	h := start(t)
	invalid := func(pointers ...string) refusal {
		return refusal{http.StatusUnprocessableEntity, "invalid-arguments", pointers, ""}
	}
	for body, want := range map[string]refusal{
		`{"function":"fibonacci","args":{"n":-1}}`:            invalid("/args/n"),
		`{"function":"fibonacci","args":{"n":1},"labels":{}}`: invalid("/labels"),
		`{"function":"x"}`:                      invalid("/function", "/args"),
		`{"function":"fibonacci"`:               {http.StatusBadRequest, "malformed", nil, ""},
		`"` + strings.Repeat("x", 64<<10) + `"`: {http.StatusRequestEntityTooLarge, "body-too-large", nil, ""},
	} {
		t.Run(body[:min(len(body), 40)], func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			h.wantRefusal(h.do(http.MethodPost, "/v1/estimates", body, nil), want)
		})
	}
}

func TestEstimatesNeedNoRedis(t *testing.T) {
	t.Parallel()
	s := redistest.New(t)
	h := startOn(t, s.URL())
	s.Kill()
	if e := h.estimate(`{"function":"fibonacci","args":{"n":"10"}}`); !e.Admissible || e.Cached {
		t.Errorf("without Redis the estimate is %+v", e)
	}
}
