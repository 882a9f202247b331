package observability_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"numbermill/e2e/internal/kibana"
)

// kibanaObjects is what `numbermill setup` imports into Kibana.
const kibanaObjects = "../../infra/kibana/objects.gen.ndjson"

func readKibana(t *testing.T) kibana.Export {
	t.Helper()
	content, err := os.ReadFile(kibanaObjects)
	if err != nil {
		t.Fatal(err)
	}
	export, err := kibana.Read(content)
	if err != nil {
		t.Fatal(err)
	}
	return export
}

// kibanaTimes are those of the world as the time picker of Kibana has them, with its end included.
func (w *world) kibanaTimes() kibana.Times {
	return kibana.Times{From: w.from, To: w.to.Add(-time.Millisecond)}
}

// Every picture's own query, asked as Kibana asks it, finds the numbers of what really happened. A picture without an expectation fails.
func TestKibanaPictures(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	checks := pictureChecks()
	for _, p := range readKibana(t).Pictures {
		check, known := checks[p.ID]
		delete(checks, p.ID)
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			if !known {
				t.Fatal("nothing is expected of this picture: add it to pictureChecks")
			}
			check(t, w, askPicture(t, w, p))
		})
	}
	for id := range checks {
		t.Errorf("something is expected of %s, which is no picture", id)
	}
}

// Every saved search finds as many documents as there are, and shows columns that they have.
func TestKibanaSearches(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	wants := searchCounts(t, w)
	for _, s := range readKibana(t).Searches {
		want, known := wants[s.ID]
		delete(wants, s.ID)
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			if !known {
				t.Fatal("nothing is expected of this search: add it to searchCounts")
			}
			found := hitsOf(t, w.ask(t, s.Index, s.Request(w.kibanaTimes(), 10_000)))
			if len(found) != want {
				t.Errorf("finds %d documents, want %d", len(found), want)
			}
			if want == 0 {
				t.Error("there is nothing to find: the world lacks what this search is for")
			}
			for _, column := range s.Columns {
				if !slices.ContainsFunc(found, func(d map[string]any) bool { return at(d, column) != nil }) && !rare(column) {
					t.Errorf("no document has the column %s", column)
				}
			}
		})
	}
	for id := range wants {
		t.Errorf("something is expected of %s, which is no search", id)
	}
}

// rare tells the columns that are empty unless something has gone wrong.
func rare(column string) bool { return strings.HasPrefix(column, "error.") }

// A dashboard that is asked for one trace shows that trace alone, in all that it touched: from a trace to its logs and back.
func TestKibanaFollowsATrace(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	found := 0
	for _, j := range w.jobs {
		if j.Result == nil || j.Result.Cache != "miss" || found == 3 {
			continue
		}
		found++
		only := kibana.Phrase("trace.id", j.TraceID)
		for _, index := range []string{"logs-nginx.access-*", "logs-numbermill.app-*", "traces-apm-*", "jobs-numbermill"} {
			s := kibana.Search{Index: index, TimeField: "@timestamp"}
			documents := hitsOf(t, w.ask(t, index, s.Request(w.kibanaTimes(), 1000, only)))
			if len(documents) == 0 {
				t.Errorf("%s has nothing of the trace %s of the job %s", index, j.TraceID, j.ID)
			}
			for _, d := range documents {
				if got := at(d, "trace.id"); got != j.TraceID {
					t.Errorf("%s shows a document of the trace %v, want %s", index, got, j.TraceID)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no job of the world was computed, so that no trace can be followed")
	}
}

// reply is what Elasticsearch answered to a picture's query: what stands below its one aggregation at the top.
type reply struct {
	whole map[string]any
	asked map[string]any
}

func askPicture(t *testing.T, w *world, p kibana.Picture) reply {
	t.Helper()
	body, err := p.Request(w.kibanaTimes())
	if err != nil {
		t.Fatal(err)
	}
	whole := w.ask(t, p.Index, body)
	asked, ok := at(whole, "aggregations.asked").(map[string]any)
	if !ok {
		t.Fatalf("the answer has no aggregation named asked: %v", whole)
	}
	return reply{whole, asked}
}

// ask runs a search on the world's Elasticsearch.
func (w *world) ask(t *testing.T, index string, body any) map[string]any {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.es+"/"+index+"/_search", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: time.Minute}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s to %s: %s", index, response.Status, content, answer)
	}
	var result map[string]any
	if err := json.Unmarshal(answer, &result); err != nil {
		t.Fatal(err)
	}
	if failed := at(result, "_shards.failed"); failed != 0.0 {
		t.Fatalf("%v shards of %s failed on %s: %s", failed, index, content, answer)
	}
	return result
}

// hitsOf are the documents that a search found.
func hitsOf(t *testing.T, answer map[string]any) []map[string]any {
	t.Helper()
	found := listOf(at(answer, "hits.hits"))
	documents := make([]map[string]any, len(found))
	for i, hit := range found {
		documents[i], _ = hit["_source"].(map[string]any)
	}
	if total := at(answer, "hits.total.value"); total != float64(len(found)) {
		t.Fatalf("%v documents match, and only %d of them came", total, len(found))
	}
	return documents
}

// everything are all documents of an index from the world's time.
func (w *world) everything(t *testing.T, index string) []map[string]any {
	t.Helper()
	all := kibana.Search{Index: index, TimeField: "@timestamp"}
	return hitsOf(t, w.ask(t, index, all.Request(w.kibanaTimes(), 10_000)))
}

// at is the value under a dotted name, whether the document nests it or has dots in its names; nil if there is none.
func at(document map[string]any, name string) any {
	if value, ok := document[name]; ok {
		return value
	}
	for i, c := range name {
		if c != '.' {
			continue
		}
		if inner, ok := document[name[:i]].(map[string]any); ok {
			if value := at(inner, name[i+1:]); value != nil {
				return value
			}
		}
	}
	return nil
}

// textAt is the text of a value under a dotted name, empty if there is none.
func textAt(document map[string]any, name string) string {
	if value := at(document, name); value != nil {
		return fmt.Sprint(value)
	}
	return ""
}

// listOf is a list of objects; anything else is an empty one.
func listOf(value any) []map[string]any {
	members, _ := value.([]any)
	objects := make([]map[string]any, 0, len(members))
	for _, m := range members {
		if o, ok := m.(map[string]any); ok {
			objects = append(objects, o)
		}
	}
	return objects
}

// numberAt is the number under a dotted name, whatever type the document has it in.
func numberAt(document map[string]any, name string) (float64, bool) {
	switch v := at(document, name).(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case json.Number:
		n, err := v.Float64()
		return n, err == nil
	default:
		return 0, false
	}
}
