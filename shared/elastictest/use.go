package elastictest

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// callTimeout bounds one call of a helper, on a machine that is busy with other tests.
const callTimeout = 2 * time.Minute

// apm are templates of the shape that APM Server's data streams have in production, where Elasticsearch brings its own.
//
//go:embed apm
var apm embed.FS

// Call makes a request and returns its answer. A body that is not a string or bytes is sent as JSON. A status of 300 or more fails the test.
func (n *Node) Call(method, target string, body any) []byte {
	n.tb.Helper()
	status, answer := n.Ask(method, target, body)
	if status >= http.StatusMultipleChoices {
		n.tb.Fatalf("%s %s: %d %s", method, target, status, answer)
	}
	return answer
}

// Ask is Call for a test that expects a refusal: it returns any status.
func (n *Node) Ask(method, target string, body any) (status int, answer []byte) {
	n.tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(n.tb.Context()), callTimeout)
	defer cancel()
	content, err := encode(body)
	if err != nil {
		n.tb.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, method, n.URL()+target, bytes.NewReader(content))
	if err != nil {
		n.tb.Fatal(err)
	}
	kind := "application/json"
	if strings.Contains(target, "_bulk") || strings.Contains(target, "_msearch") {
		kind = "application/x-ndjson"
	}
	r.Header.Set("Content-Type", kind)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	reply, err := client.Do(r)
	if err != nil {
		n.tb.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	answer, err = io.ReadAll(reply.Body)
	if err != nil {
		n.tb.Fatalf("%s %s: %v", method, target, err)
	}
	return reply.StatusCode, answer
}

func encode(body any) ([]byte, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return b, nil
	case string:
		return []byte(b), nil
	default:
		return json.Marshal(body)
	}
}

// Refresh makes what was written to these indices, data streams or patterns visible to searches.
func (n *Node) Refresh(names ...string) {
	n.tb.Helper()
	n.Call(http.MethodPost, "/"+strings.Join(names, ",")+"/_refresh", nil)
}

// Bulk adds documents to a data stream or an index and refreshes it. Any that is refused fails the test.
func (n *Node) Bulk(name string, documents ...any) {
	n.tb.Helper()
	if len(documents) == 0 {
		return
	}
	var body bytes.Buffer
	for _, document := range documents {
		line, err := encode(document)
		if err != nil {
			n.tb.Fatal(err)
		}
		fmt.Fprintf(&body, "{\"create\":{}}\n%s\n", bytes.TrimSpace(line))
	}
	var answer struct {
		Errors bool
		Items  []map[string]struct {
			Status int
			Error  json.RawMessage
		}
	}
	n.decode(n.Call(http.MethodPost, "/"+name+"/_bulk?refresh=true", body.Bytes()), &answer)
	for i, item := range answer.Items {
		if e := item["create"]; e.Error != nil {
			n.tb.Errorf("%s refuses a document: %s: %v", name, e.Error, documents[i])
		}
	}
	if answer.Errors {
		n.tb.FailNow()
	}
}

// Search runs a search on indices, data streams or patterns and decodes the whole answer into result.
func (n *Node) Search(name string, body, result any) {
	n.tb.Helper()
	n.decode(n.Call(http.MethodPost, "/"+name+"/_search", body), result)
}

// Count returns how many documents match a query in Lucene's syntax; an empty one matches all.
func (n *Node) Count(name, query string) int {
	n.tb.Helper()
	if query == "" {
		query = "*"
	}
	var answer struct{ Count int }
	n.decode(n.Call(http.MethodPost, "/"+name+"/_count", map[string]any{"query": map[string]any{"query_string": map[string]any{"query": query}}}), &answer)
	return answer.Count
}

func (n *Node) decode(answer []byte, into any) {
	n.tb.Helper()
	if err := json.Unmarshal(answer, into); err != nil {
		n.tb.Fatalf("%v in %s", err, answer)
	}
}

// Apply puts the templates of a folder in place: component-templates/NAME.json, then index-templates/NAME.json.
func (n *Node) Apply(templates fs.FS) {
	n.tb.Helper()
	for _, kind := range []struct{ folder, target string }{
		{"component-templates", "/_component_template/"},
		{"index-templates", "/_index_template/"},
	} {
		files, err := fs.Glob(templates, kind.folder+"/*.json")
		if err != nil {
			n.tb.Fatal(err)
		}
		for _, file := range files {
			content, err := fs.ReadFile(templates, file)
			if err != nil {
				n.tb.Fatal(err)
			}
			n.Call(http.MethodPut, kind.target+strings.TrimSuffix(path.Base(file), ".json"), content)
		}
	}
}

// ApplyAPM puts templates in place for traces-apm-* and metrics-apm.app.*, of the shape that Elasticsearch's own have in production.
func (n *Node) ApplyAPM() {
	n.tb.Helper()
	templates, err := fs.Sub(apm, "apm")
	if err != nil {
		n.tb.Fatal(err)
	}
	n.Apply(templates)
}
