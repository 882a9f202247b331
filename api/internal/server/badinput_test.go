package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"numbermill/api"
	"numbermill/api/internal/server"
)

const strangeID = "job_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b"

// refusal is what a problem has to say.
type refusal struct {
	status int
	name   string
	// pointers are all fields that are named.
	pointers []string
	// says is a part of the detail, or of the first field's.
	says string
}

func (h *harness) wantRefusal(r reply, want refusal) {
	h.t.Helper()
	h.want(r, want.status)
	p := decode[api.Problem](h.t, r)
	if p.Type != "/problems/"+want.name {
		h.t.Errorf("type is %q, want /problems/%s\n%s", p.Type, want.name, r.body)
	}
	var got []string
	for _, f := range p.Errors {
		got = append(got, f.Pointer)
	}
	if !slices.Equal(got, want.pointers) {
		h.t.Errorf("the fields are %q, want %q\n%s", got, want.pointers, r.body)
	}
	if !strings.Contains(string(r.body), want.says) {
		h.t.Errorf("the problem does not say %q\n%s", want.says, r.body)
	}
}

func TestBadSubmissions(t *testing.T) {
	t.Parallel()
	h := start(t)
	args := func(n string) string { return `{"function":"fibonacci","args":{"n":` + n + `}}` }
	invalid := func(says string, pointers ...string) refusal {
		return refusal{http.StatusUnprocessableEntity, "invalid-arguments", pointers, says}
	}
	broken := func(says string) refusal { return refusal{http.StatusBadRequest, "malformed", nil, says} }
	tests := map[string]struct {
		body string
		want refusal
	}{
		"empty":                      {" ", broken("empty")},
		"no JSON":                    {"n=1000", broken("not valid JSON at byte 1")},
		"broken off":                 {`{"function":"fibonacci"`, broken("JSON")},
		"something after":            {args("1") + "{}", broken("follows")},
		"trailing comma":             {`{"function":"fibonacci",}`, broken("not valid JSON")},
		"NaN":                        {args("NaN"), broken("not valid JSON")},
		"invalid UTF-8":              {args("\"\xff\""), broken("UTF-8")},
		"duplicate member":           {`{"function":"fibonacci","function":"factorial","args":{"n":1}}`, broken("/function appears twice")},
		"duplicate argument":         {`{"function":"fibonacci","args":{"n":1,"n":2}}`, broken("/args/n appears twice")},
		"duplicate by escape":        {`{"function":"fibonacci","args":{"n":1,"\u006e":2}}`, broken("/args/n appears twice")},
		"very deep":                  {args(strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)), broken("depth")},
		"array":                      {`[]`, invalid("an array", "")},
		"null":                       {`null`, invalid("null", "")},
		"string":                     {`"fibonacci"`, invalid("a string", "")},
		"nothing":                    {`{}`, invalid("missing", "/function", "/args")},
		"unknown function":           {`{"function":"fibonaci","args":{"n":1}}`, invalid("fibonacci", "/function")},
		"function of a wrong type":   {`{"function":7,"args":{"n":1}}`, invalid("a number", "/function")},
		"function null":              {`{"function":null,"args":{"n":1}}`, invalid("null", "/function")},
		"unknown method":             {`{"function":"fibonacci","args":{"n":1},"method":"slow"}`, invalid("fast", "/method")},
		"empty method":               {`{"function":"fibonacci","args":{"n":1},"method":""}`, invalid("fast", "/method")},
		"unknown member":             {`{"function":"fibonacci","args":{"n":1},"prio/r~ity":1}`, invalid("There is no member", "/prio~1r~0ity")},
		"args missing":               {`{"function":"fibonacci"}`, invalid("args is missing", "/args")},
		"args of a wrong type":       {`{"function":"fibonacci","args":[1]}`, invalid("an array", "/args")},
		"argument missing":           {`{"function":"ackermann","args":{"m":"2"}}`, invalid("missing", "/args/n")},
		"all arguments missing":      {`{"function":"ackermann","args":{}}`, invalid("missing", "/args/m", "/args/n")},
		"unknown argument":           {`{"function":"fibonacci","args":{"n":1,"k":2}}`, invalid("no argument", "/args/k")},
		"negative":                   {args(`"-5"`), invalid("negative", "/args/n")},
		"negative number":            {args(`-5`), invalid("negative", "/args/n")},
		"fraction":                   {args(`"1.5"`), invalid("whole number", "/args/n")},
		"fraction number":            {args(`1.5`), invalid("whole number", "/args/n")},
		"tiny number":                {args(`1e-999999999999`), invalid("whole number", "/args/n")},
		"word":                       {args(`"ten"`), invalid("whole number", "/args/n")},
		"empty argument":             {args(`""`), invalid("", "/args/n")},
		"null argument":              {args(`null`), invalid("null", "/args/n")},
		"boolean argument":           {args(`true`), invalid("true", "/args/n")},
		"object argument":            {args(`{"n":1}`), invalid("an object", "/args/n")},
		"huge":                       {args(`"` + strings.Repeat("9", 1001) + `"`), invalid("1,000 digits", "/args/n")},
		"huge number":                {args(strings.Repeat("9", 1001)), invalid("1,000 digits", "/args/n")},
		"huge exponent":              {args(`"1e1000000000"`), invalid("1,000 digits", "/args/n")},
		"huge power":                 {args(`"9^99999999999999999999"`), invalid("1,000 digits", "/args/n")},
		"huge number by exponent":    {args(`1e1000000000`), invalid("1,000 digits", "/args/n")},
		"several at once":            {`{"function":"ackermann","args":{"m":-1,"x":1},"labels":{"a b":"c"},"max_attempts":0,"who":1}`, invalid("See errors", "/who", "/args/m", "/args/n", "/args/x", "/labels/a b", "/max_attempts")},
		"all beside an unknown name": {`{"function":"f","args":{"n":1},"max_attempts":11}`, invalid("See errors", "/function", "/max_attempts")},
		"labels of a wrong type":     {`{"function":"fibonacci","args":{"n":1},"labels":["a"]}`, invalid("an array", "/labels")},
		"label of a wrong type":      {`{"function":"fibonacci","args":{"n":1},"labels":{"a":1}}`, invalid("a number", "/labels/a")},
		"label too long":             {`{"function":"fibonacci","args":{"n":1},"labels":{"a":"` + strings.Repeat("é", 129) + `"}}`, invalid("128", "/labels/a")},
		"label name too long":        {`{"function":"fibonacci","args":{"n":1},"labels":{"` + strings.Repeat("a", 64) + `":"b"}}`, invalid("63", "/labels/"+strings.Repeat("a", 64))},
		"too many labels":            {`{"function":"fibonacci","args":{"n":1},"labels":{` + manyMembers(17) + `}}`, invalid("17 labels", "/labels")},
		"max_attempts a fraction":    {`{"function":"fibonacci","args":{"n":1},"max_attempts":1.5}`, invalid("1 to 10", "/max_attempts")},
		"max_attempts a string":      {`{"function":"fibonacci","args":{"n":1},"max_attempts":"3"}`, invalid("1 to 10", "/max_attempts")},
		"max_attempts huge":          {`{"function":"fibonacci","args":{"n":1},"max_attempts":1e400}`, invalid("1 to 10", "/max_attempts")},
		"over the limit":             {args(`"1e9"`), refusal{422, "cost-limit-exceeded", nil, "largest_admissible"}},
		"far over the limit":         {args(`"1e999"`), refusal{422, "cost-limit-exceeded", nil, "largest_admissible"}},
		"not representable":          {`{"function":"ackermann","args":{"m":"4","n":"3"}}`, refusal{422, "not-representable", nil, "1,000 digits"}},
		"far from representable":     {`{"function":"ackermann","args":{"m":"1e999","n":"1e999"}}`, refusal{422, "not-representable", nil, "1,000 digits"}},
		"over the body limit":        {args(`"` + strings.Repeat(" ", 64<<10) + `1"`), refusal{413, "body-too-large", nil, "65536"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			h.wantRefusal(h.do(http.MethodPost, "/v1/jobs", tt.body, nil), tt.want)
		})
	}
	t.Cleanup(func() {
		if n := len(h.runs); n > 0 {
			t.Errorf("%d runs were queued", n)
		}
	})
}

func TestManyWrongFieldsAreListedInPart(t *testing.T) {
	t.Parallel()
	h := start(t)
	r := h.want(h.do(http.MethodPost, "/v1/jobs", `{"function":"fibonacci","args":{"n":1},`+manyMembers(1000)+`}`, nil), http.StatusUnprocessableEntity)
	if p := decode[api.Problem](t, r); len(p.Errors) != 20 {
		t.Errorf("%d fields are listed, want 20", len(p.Errors))
	}
	long := strings.Repeat("x", 10_000)
	r = h.want(h.do(http.MethodPost, "/v1/jobs", `{"function":"fibonacci","args":{"n":1,"`+long+`":1},"`+long+`":1}`, nil), http.StatusUnprocessableEntity)
	if len(r.body) > 2000 {
		t.Errorf("the problem repeats %d bytes of a long name", len(r.body))
	}
}

func manyMembers(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = `"m` + strings.Repeat("i", i) + `":"v"`
		if n > 100 {
			members[i] = `"m` + strings.Repeat("i", i%30) + string(rune('a'+i/30%26)) + string(rune('a'+i/780)) + `":"v"`
		}
	}
	return strings.Join(members, ",")
}

func TestBadHeaders(t *testing.T) {
	t.Parallel()
	h := start(t)
	body := `{"function":"fibonacci","args":{"n":1}}`
	media := refusal{http.StatusUnsupportedMediaType, "unsupported-media-type", nil, "application/json"}
	tests := map[string]struct {
		header header
		want   refusal
	}{
		"form":              {header{"Content-Type": "application/x-www-form-urlencoded"}, media},
		"text":              {header{"Content-Type": "text/plain"}, media},
		"no type":           {header{"Content-Type": ""}, media},
		"broken type":       {header{"Content-Type": "application/json; charset"}, media},
		"other charset":     {header{"Content-Type": "application/json; charset=latin1"}, media},
		"relative of JSON":  {header{"Content-Type": "application/merge-patch+json"}, media},
		"compressed":        {header{"Content-Encoding": "gzip"}, refusal{415, "unsupported-media-type", nil, "Content-Encoding"}},
		"accepts HTML only": {header{"Accept": "text/html"}, refusal{406, "not-acceptable", nil, "application/json"}},
		"accepts all but":   {header{"Accept": "*/*, application/json;q=0"}, refusal{406, "not-acceptable", nil, "application/json"}},
		"wrong host":        {header{"Host": "evil.example"}, refusal{421, "misdirected-request", nil, "evil.example"}},
		"other site":        {header{"Sec-Fetch-Site": "cross-site"}, refusal{403, "forbidden", nil, "another site"}},
		"same site":         {header{"Sec-Fetch-Site": "same-site"}, refusal{403, "forbidden", nil, "another site"}},
		"other origin":      {header{"Origin": "https://evil.example"}, refusal{403, "forbidden", nil, "another site"}},
		"no origin":         {header{"Origin": "null"}, refusal{403, "forbidden", nil, "another site"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			h.wantRefusal(h.do(http.MethodPost, "/v1/jobs", body, tt.header), tt.want)
		})
	}
	for name, header := range map[string]header{
		"with charset":   {"Content-Type": `application/json; charset="UTF-8"`},
		"accepts family": {"Accept": "text/html, application/*;q=0.1"},
		"accepts all":    {"Accept": "text/html, */*"},
		"own origin":     {"Origin": h.url},
		"same origin":    {"Sec-Fetch-Site": "same-origin"},
		"by hand":        {"Sec-Fetch-Site": "none"},
		"host localhost": {"Host": "localhost:9999"},
		"host IPv6":      {"Host": "[::1]:80"},
		"host 127/8":     {"Host": "127.8.8.8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			h.want(h.do(http.MethodPost, "/v1/estimates", body, header), http.StatusOK)
		})
	}
}

func TestBadPathsAndMethods(t *testing.T) {
	t.Parallel()
	h := start(t)
	lost := func(says string) refusal { return refusal{http.StatusNotFound, "not-found", nil, says} }
	wrong := func(says string) refusal {
		return refusal{http.StatusMethodNotAllowed, "method-not-allowed", nil, says}
	}
	tests := []struct {
		method, path string
		want         refusal
		allow        string
	}{
		{"GET", "/v1/functions/nothing", lost("fibonacci"), ""},
		{"GET", "/v1/functions/", lost("nothing at"), ""},
		{"GET", "/v1/jobs/" + strangeID, lost(strangeID), ""},
		{"GET", "/v1/jobs/17", lost("looks like"), ""},
		{"GET", "/v1/jobs/job_" + strings.Repeat("x", 5000), lost("looks like"), ""},
		{"GET", "/v1/jobs/" + strings.ToUpper(strangeID), lost("looks like"), ""},
		{"GET", "/v1/jobs/" + strangeID + "/result", lost(strangeID), ""},
		{"GET", "/v1/jobs/17/result", lost("looks like"), ""},
		{"GET", "/v1/jobs/%2e%2e/result", lost(""), ""},
		{"POST", "/v1/jobs/" + strangeID + "/cancel", lost(strangeID), ""},
		{"POST", "/v1/jobs/17/cancel", lost("looks like"), ""},
		{"DELETE", "/v1/jobs/" + strangeID, lost(strangeID), ""},
		{"DELETE", "/v1/jobs/17", lost("looks like"), ""},
		{"GET", "/metrics", lost("measurements"), ""},
		{"GET", "/v1", lost("/openapi.yaml"), ""},
		{"GET", "/v1/jobs/", lost("/openapi.yaml"), ""},
		{"GET", "/v1//jobs", lost("/openapi.yaml"), ""},
		{"GET", "/v1/schedules", lost("/openapi.yaml"), ""},
		{"GET", "/", lost("/openapi.yaml"), ""},
		{"GET", "/monitor/", lost("/openapi.yaml"), ""},
		{"PUT", "/v1/jobs", wrong("PUT"), "GET, HEAD, POST"},
		{"OPTIONS", "/v1/jobs", wrong("OPTIONS"), "GET, HEAD, POST"},
		{"GET", "/v1/estimates", wrong("GET"), "POST"},
		{"POST", "/v1/jobs/" + strangeID, wrong("POST"), "GET, HEAD, DELETE"},
		{"GET", "/v1/jobs/" + strangeID + "/cancel", wrong("GET"), "POST"},
		{"DELETE", "/v1/jobs/" + strangeID + "/result", wrong("DELETE"), "GET, HEAD"},
		{"BREW", "/healthz", wrong("BREW"), "GET, HEAD"},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path[:min(len(tt.path), 40)], func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			r := h.do(tt.method, tt.path, "", nil)
			h.wantRefusal(r, tt.want)
			if got := r.Header.Get("Allow"); got != tt.allow {
				t.Errorf("Allow is %q, want %q", got, tt.allow)
			}
		})
	}
}

func TestBadLists(t *testing.T) {
	t.Parallel()
	h := start(t)
	for range 3 {
		h.submitted(1)
	}
	token := decode[api.JobList](t, h.want(h.get("/v1/jobs?page_size=1", nil), http.StatusOK)).NextPageToken
	broken := func(says string) refusal { return refusal{http.StatusBadRequest, "malformed", nil, says} }
	elsewhere := refusal{http.StatusBadRequest, "invalid-page-token", nil, "page_token"}
	for query, want := range map[string]refusal{
		"page_size=-1":                           broken("page_size"),
		"page_size=-99999999999999999999":        broken("page_size"),
		"page_size=ten":                          broken("page_size"),
		"page_size=1.5":                          broken("page_size"),
		"page_size=1&page_size=2":                broken("2 times"),
		"page_token=17":                          elsewhere,
		"page_token=%00":                         elsewhere,
		"page_token=eyJjIjoxfQ":                  elsewhere,
		"state=failed&page_token=" + token:       elsewhere,
		"page_token=" + token + "x":              elsewhere,
		"state=done":                             broken("succeeded"),
		"state=queued,running":                   broken("several times"),
		"state=" + strings.Repeat("&state=", 30): broken("times"),
		"label=":                                 broken("without a value"),
		"label=:a":                               broken("name:value"),
		"state=":                                 broken("without a value"),
		"function=":                              broken("without a value"),
		"created_after=":                         broken("without a value"),
		"page_size=":                             broken("without a value"),
		"batch=":                                 broken("without a value"),
		"function=" + strings.Repeat("f", 101):   broken("100 characters"),
		"batch=b":                                broken("batch_"),
		"label=a+b:c":                            broken("name:value"),
		"created_after=yesterday":                broken("2026-01-31T12:00:00Z"),
		"created_before=2026-02-30T12:00:00Z":    broken("created_before"),
		"stat=failed":                            broken("created_before"),
		"state=%zz":                              broken("Percent-encode"),
		"function=a;b":                           broken("Percent-encode"),
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			h := h.in(t)
			h.wantRefusal(h.get("/v1/jobs?"+query, nil), want)
		})
	}
}

func TestTooManyActiveJobs(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *server.Options) { o.MaxActive = 2 })
	h.submitted(1)
	h.submitted(2)
	r := h.submit(3, nil)
	h.wantRefusal(r, refusal{http.StatusTooManyRequests, "quota-exceeded", nil, "2 jobs"})
	if r.Header.Get("Retry-After") == "" {
		t.Error("there is no Retry-After")
	}
	if n := len(h.runs); n != 2 {
		t.Errorf("%d runs were queued, want 2", n)
	}
}
