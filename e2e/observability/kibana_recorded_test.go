package observability_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"numbermill/e2e/internal/kibana"
)

// answersFolder has an answer to each picture's query, for the test that draws the pictures in a browser.
const answersFolder = "../browser/answers"

// recordVariable asks for those answers to be written anew.
const recordVariable = "NUMBERMILL_RECORD_ANSWERS"

// recorded are the answers about a time with documents and one without.
type recorded struct {
	Full  map[string]any `json:"full"`
	Empty map[string]any `json:"empty"`
}

// The answers that the browser draws have the shape of those that Elasticsearch really gives. NUMBERMILL_RECORD_ANSWERS=1 writes them anew.
func TestKibanaAnswersAreTrue(t *testing.T) {
	t.Parallel()
	w := theWorld(t)
	pictures := readKibana(t).Pictures
	for _, p := range pictures {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			live := recorded{aggregations(t, w, p, w.kibanaTimes()), aggregations(t, w, p, before(w.kibanaTimes()))}
			path := filepath.Join(answersFolder, p.ID+".json")
			if os.Getenv(recordVariable) != "" {
				record(t, path, live)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; %s=1 records it", err, recordVariable)
			}
			var kept recorded
			if err := json.Unmarshal(content, &kept); err != nil {
				t.Fatal(err)
			}
			alike(t, "shapes of the recorded answer", shapeOf(kept.Full), shapeOf(live.Full))
			alike(t, "shapes of the recorded empty answer", shapeOf(kept.Empty), shapeOf(live.Empty))
		})
	}
	files, err := filepath.Glob(filepath.Join(answersFolder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	alike(t, "numbers of recorded answers", len(files), len(pictures))
}

// before are times of the same length in which nothing has happened yet.
func before(times kibana.Times) kibana.Times {
	const long = 20 * 365 * 24 * time.Hour
	return kibana.Times{From: times.From.Add(-long), To: times.To.Add(-long)}
}

// aggregations is the part of an answer that pictures are made of.
func aggregations(t *testing.T, w *world, p kibana.Picture, times kibana.Times) map[string]any {
	t.Helper()
	body, err := p.Request(times)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"aggregations": w.ask(t, p.Index, body)["aggregations"]}
}

// mostTimes is how many members of a list are recorded, to keep the files small.
const mostTimes = 20

// shortened is a value with its lists cut: to the last members before the documents end.
func shortened(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			v[name] = shortened(inner)
		}
	case []any:
		for len(v) > mostTimes && isEmptyBucket(v[len(v)-1]) {
			v = v[:len(v)-1]
		}
		v = v[max(0, len(v)-mostTimes):]
		for i, inner := range v {
			v[i] = shortened(inner)
		}
		return v
	}
	return value
}

func isEmptyBucket(value any) bool {
	bucket, ok := value.(map[string]any)
	return ok && whole(bucket, "doc_count") == 0
}

func record(t *testing.T, path string, answers recorded) {
	t.Helper()
	shortened(answers.Full)
	shortened(answers.Empty)
	content, err := json.Marshal(answers)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(content, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shapeOf is the kind of each value by its path, the members of a list taken together. A number that there may not be is null in an answer.
func shapeOf(value any) map[string]string {
	shape := map[string]string{}
	addShape(shape, "", value)
	return shape
}

func addShape(shape map[string]string, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			addShape(shape, path+"."+name, inner)
		}
	case []any:
		shape[path] = "list"
		for _, inner := range v {
			addShape(shape, path+"[]", inner)
		}
	case string:
		shape[path] = "text"
	case bool:
		shape[path] = "truth"
	default:
		shape[path] = "number"
	}
}
