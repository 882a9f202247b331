package setup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"numbermill/cli/internal/failure"
	"numbermill/shared/config"
)

// mostComplaints bounds how many of the objects that Kibana does not take are named.
const mostComplaints = 5

// kibana is Kibana, asked as the user of Elasticsearch unless its URL names another.
type kibana struct {
	client *http.Client
	base   *url.URL
	user   *url.Userinfo
}

func newKibana(address, elasticsearch config.Secret) (*kibana, error) {
	base, err := url.Parse(address.Reveal())
	if err != nil {
		return nil, errors.New("the URL of Kibana does not do") // the parser's error would repeat it
	}
	k := &kibana{client: &http.Client{Transport: newTransport(), CheckRedirect: stay}, base: base, user: base.User}
	if k.user == nil {
		if u, err := url.Parse(elasticsearch.Reveal()); err == nil {
			k.user = u.User
		}
	}
	k.base.User = nil
	return k, nil
}

// stay follows no redirect: Kibana's lead to pages for people.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (k *kibana) close() { k.client.CloseIdleConnections() }

// await waits until Kibana is ready for work: it answers long before.
func (k *kibana) await(ctx context.Context, wait time.Duration) error {
	err := patiently(ctx, wait, func(ctx context.Context) error {
		var status struct {
			Status struct {
				Overall struct{ Level, Summary string }
			}
		}
		if err := k.once(ctx, "ask Kibana whether it is ready", http.MethodGet, "/api/status", "", nil, &status); err != nil {
			return err
		}
		if overall := status.Status.Overall; overall.Level != "available" {
			return &unreached{"ask Kibana whether it is ready", fmt.Errorf("it is %s: %s", overall.Level, overall.Summary)}
		}
		return nil
	})
	if passing(err) {
		return failure.WithHint(fmt.Errorf("Kibana has not become ready within %v: %w", wait, err), //nolint:staticcheck // a name
			"is it running, and is --kibana where it is? If its log says that it may not connect, the password of kibana_system differs; --wait gives it longer")
	}
	return err
}

// furnish imports the saved objects and sets the settings.
func (k *kibana) furnish(ctx context.Context, files fs.FS, say func(string)) error {
	names, err := fs.Glob(files, "*.ndjson")
	if err != nil {
		return fmt.Errorf("list saved objects: %w", err)
	}
	slices.Sort(names)
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("read saved objects: %w", err)
		}
		count, err := k.importObjects(ctx, name, content)
		if err != nil {
			return err
		}
		say(fmt.Sprintf("Kibana has the %d saved objects of %s", count, name))
	}
	content, err := fs.ReadFile(files, "settings.json")
	if err != nil {
		return fmt.Errorf("read Kibana's settings: %w", err)
	}
	var settings map[string]any
	if err := json.Unmarshal(content, &settings); err != nil {
		return fmt.Errorf("read Kibana's settings: %w", err)
	}
	view := settings["defaultIndex"]
	delete(settings, "defaultIndex")
	if err := k.post(ctx, "set Kibana's default data view", "/api/data_views/default", map[string]any{"data_view_id": view, "force": true}); err != nil {
		return err
	}
	say(fmt.Sprintf("Kibana's default data view is %v", view))
	if err := k.post(ctx, "change Kibana's settings", "/api/kibana/settings", map[string]any{"changes": settings}); err != nil {
		return err
	}
	say("Kibana's settings are in place")
	return nil
}

// importObjects imports one file of saved objects over those that are there, and returns how many it took.
func (k *kibana) importObjects(ctx context.Context, name string, content []byte) (count int, err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return 0, fmt.Errorf("write the form for Kibana: %w", err)
	}
	var result struct {
		Success      bool
		SuccessCount int `json:"successCount"` //nolint:tagliatelle // Kibana's
		Errors       []complaint
	}
	what := "import " + name
	err = k.call(ctx, what, http.MethodPost, "/api/saved_objects/_import?overwrite=true", form.FormDataContentType(), body.Bytes(), &result)
	if err != nil {
		return 0, err
	}
	if result.Success {
		return result.SuccessCount, nil // an answer of 200 alone does not mean that
	}
	said := make([]string, 0, mostComplaints)
	for _, c := range result.Errors[:min(len(result.Errors), mostComplaints)] {
		said = append(said, c.String())
	}
	return 0, failure.WithHint(fmt.Errorf("%s: Kibana does not take %d objects: %s", what, len(result.Errors), strings.Join(said, "; ")),
		"this needs Kibana 8.19 or a later 8; is it another version?")
}

// complaint is about one object that Kibana does not take.
type complaint struct {
	Type, ID string
	Error    struct{ Type, Message string }
}

// String names the object and says what is wrong with it.
func (c complaint) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s (%s) %s", c.Type, c.ID, c.Error.Type, c.Error.Message))
}

func (k *kibana) post(ctx context.Context, what, target string, body any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return k.call(ctx, what, http.MethodPost, target, "application/json", content, nil)
}

func (k *kibana) call(ctx context.Context, what, method, target, kind string, body []byte, into any) error {
	return patiently(ctx, retryTimeout, func(ctx context.Context) error { return k.once(ctx, what, method, target, kind, body, into) })
}

func (k *kibana) once(ctx context.Context, what, method, target, kind string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(k.base.String(), "/")+target, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: %w", what, plainly(err))
	}
	r.Header.Set("kbn-xsrf", "true")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if k.user != nil {
		secret, _ := k.user.Password()
		r.SetBasicAuth(k.user.Username(), secret)
	}
	response, err := k.client.Do(r)
	if err != nil {
		return &unreached{what, plainly(err)}
	}
	defer func() { _ = response.Body.Close() }() // it was read
	return read(what, "Kibana", response.StatusCode, response.Body, into)
}
