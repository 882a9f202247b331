package setup_test

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"numbermill/cli/internal/setup"
	"numbermill/infra"
	"numbermill/shared/config"
	"numbermill/shared/elastictest"
)

// standIn answers as Kibana does and keeps what it was asked.
type standIn struct {
	mu       sync.Mutex
	statuses []string // of /api/status, one a request; the last one stays
	imported string   // what the import answers
	refused  string   // the path that is answered with 403
	asked    []string
	files    map[string]string
}

const (
	kibanaReady    = `{"status": {"overall": {"level": "available", "summary": "All services are available"}}}`
	kibanaStarting = `{"status": {"overall": {"level": "degraded", "summary": "1 service is degraded"}}}`
)

func (k *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	user, password, _ := r.BasicAuth()
	if user != "elastic" || password != elasticPassword || r.Header.Get("Kbn-Xsrf") == "" {
		http.Error(w, `{"statusCode": 401, "error": "Unauthorized", "message": "no `+password+` here"}`, http.StatusUnauthorized)
		return
	}
	if r.URL.Path == k.refused {
		http.Error(w, `{"statusCode": 403, "error": "Forbidden", "message": "not for you"}`, http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/api/status":
		status := k.statuses[0]
		if len(k.statuses) > 1 {
			k.statuses = k.statuses[1:]
		}
		if status == "" {
			http.Error(w, "Kibana server is not ready yet", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, status)
		return
	case "/api/saved_objects/_import":
		name, content, err := onlyFile(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		k.files[name] = content
		k.asked = append(k.asked, r.Method+" "+r.URL.RequestURI()+" "+name)
		_, _ = io.WriteString(w, k.imported)
		return
	}
	body, _ := io.ReadAll(r.Body)
	k.asked = append(k.asked, fmt.Sprintf("%s %s %s %s", r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), body))
	_, _ = io.WriteString(w, `{"acknowledged": true}`)
}

// onlyFile reads the form of an import, which has one part.
func onlyFile(r *http.Request) (name, content string, err error) {
	_, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return "", "", err
	}
	form := multipart.NewReader(r.Body, parameters["boundary"])
	part, err := form.NextPart()
	if err != nil {
		return "", "", err
	}
	text, err := io.ReadAll(part)
	if err != nil {
		return "", "", err
	}
	if _, err := form.NextPart(); err != io.EOF || part.FormName() != "file" {
		return "", "", fmt.Errorf("the form has more than a field file: %q (%w)", part.FormName(), err)
	}
	return part.FileName(), string(text), nil
}

// kibanaConfig is for a Kibana of the test and the shared Elasticsearch, which has no security and takes any password.
func kibanaConfig(t *testing.T, k *standIn) setup.Config {
	t.Helper()
	server := httptest.NewServer(k)
	t.Cleanup(server.Close)
	elasticsearch := strings.Replace(elastictest.Start(t).URL(), "http://", "http://elastic:"+elasticPassword+"@", 1)
	return setup.Config{Elasticsearch: config.Secret(elasticsearch), Kibana: config.Secret(server.URL)}
}

// Kibana is waited for, as long as it starts; then it gets the saved objects, its default data view and its settings, and no more.
func TestKibana(t *testing.T) {
	t.Parallel()
	k := &standIn{statuses: []string{"", kibanaStarting, kibanaReady}, imported: `{"success": true, "successCount": 41, "warnings": []}`, files: map[string]string{}}
	lines := mustRun(t, kibanaConfig(t, k))
	want := []string{
		"Kibana answers", "Kibana has the 41 saved objects of objects.gen.ndjson", "Kibana's default data view is app", "Kibana's settings are in place",
	}
	if diff := cmp.Diff(want, lines[len(lines)-len(want):]); diff != "" {
		t.Errorf("what it says of Kibana differs (-want +got):\n%s", diff)
	}
	objects, err := fs.ReadFile(infra.Kibana(), "objects.gen.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"objects.gen.ndjson": string(objects)}, k.files); diff != "" {
		t.Errorf("the files that are imported differ (-want +got):\n%s", diff)
	}
	if len(k.asked) != 3 {
		t.Fatalf("Kibana is asked %q, want three requests", k.asked)
	}
	for i, want := range []string{
		"POST /api/saved_objects/_import?overwrite=true objects.gen.ndjson",
		`POST /api/data_views/default application/json {"data_view_id":"app","force":true}`,
		"POST /api/kibana/settings application/json " + settings(t),
	} {
		if k.asked[i] != want {
			t.Errorf("request %d is %q, want %q", i, k.asked[i], want)
		}
	}
	wantNoSecrets(t, lines)
}

// settings is the request that changes Kibana's settings, all but the default data view.
func settings(t *testing.T) string {
	t.Helper()
	content, err := fs.ReadFile(infra.Kibana(), "settings.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	delete(all, "defaultIndex")
	body, err := json.Marshal(map[string]any{"changes": all})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestKibanaRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		k      *standIn
		change func(*setup.Config)
		want   []string
	}{
		"an object": {
			&standIn{statuses: []string{kibanaReady}, imported: `{"success": false, "successCount": 40, "errors": [{"type": "dashboard", "id": "nb-overview", "error": {"type": "unsupported_type"}},
				{"type": "visualization", "id": "nb-x", "error": {"type": "unknown", "message": "is newer", "statusCode": 422}}]}`},
			nil,
			[]string{"import objects.gen.ndjson: Kibana does not take 2 objects", "dashboard nb-overview (unsupported_type)", "visualization nb-x (unknown) is newer"},
		},
		"a setting": {
			&standIn{statuses: []string{kibanaReady}, imported: `{"success": true}`, refused: "/api/kibana/settings"},
			nil,
			[]string{"change Kibana's settings: Kibana refuses with 403 Forbidden: not for you"},
		},
		"the password": {
			&standIn{statuses: []string{kibanaReady}},
			func(c *setup.Config) {
				c.Kibana = config.Secret(strings.Replace(c.Kibana.Reveal(), "http://", "http://elastic:another-secret@", 1))
			},
			[]string{"Kibana refuses with 401 Unauthorized: no REDACTED here"},
		},
		"for ever": {
			&standIn{statuses: []string{kibanaStarting}},
			func(c *setup.Config) { c.Wait = time.Second },
			[]string{"Kibana has not become ready within 1s", "it is degraded: 1 service is degraded"},
		},
		"gone": {
			&standIn{},
			func(c *setup.Config) { c.Kibana, c.Wait = "http://127.0.0.1:1", time.Second },
			[]string{"Kibana has not become ready within 1s", "connect"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.k.files = map[string]string{}
			cfg := kibanaConfig(t, tt.k)
			if tt.change != nil {
				tt.change(&cfg)
			}
			lines, err := run(t, cfg)
			if err == nil {
				t.Fatal("got no error, want one")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %q, want %q in it", err, want)
				}
			}
			wantNoSecrets(t, append(lines, err.Error()))
		})
	}
}
