package source_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"numbermill/infra/kibana/source"
)

const exportFile = "../objects.gen.ndjson"

// export reads the file that is imported, every part of every object strictly: a name that the types do not know fails.
func export(t *testing.T) []source.Object {
	t.Helper()
	content, err := os.ReadFile(exportFile)
	if err != nil {
		t.Fatal(err)
	}
	objects := []source.Object{}
	for line := range bytes.Lines(content) {
		objects = append(objects, strictly[source.Object](t, string(line)))
	}
	return objects
}

// strictly reads JSON into a type that must know all of its names.
func strictly[T any](t *testing.T, text string) (value T) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if decoder.More() {
		t.Fatalf("more than one value in %s", text)
	}
	return value
}

// The file is what the sources give.
func TestExportIsGenerated(t *testing.T) {
	t.Parallel()
	want, err := source.Objects()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(exportFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("objects.gen.ndjson is out of date: make generate")
	}
}

// newest are the numbers of an export of Kibana 8.13. A Kibana of ours knows these, and refuses newer ones than it knows.
func newest() map[string]string {
	return map[string]string{"index-pattern": "8.0.0", "search": "8.0.0", "visualization": "8.5.0", "dashboard": "8.9.0"}
}

// Every object has the shape that Kibana knows, a number that is not too new, an id of its own, and references to objects that are there.
func TestObjects(t *testing.T) {
	t.Parallel()
	objects := export(t)
	ids := map[string]bool{}
	for _, o := range objects {
		if ids[o.Type+" "+o.ID] {
			t.Errorf("there are two of %s %s", o.Type, o.ID)
		}
		ids[o.Type+" "+o.ID] = true
	}
	for _, o := range objects {
		most, known := newest()[o.Type]
		if !known || newer(t, o.TypeMigrationVersion, most) || newer(t, o.CoreMigrationVersion, "8.8.0") {
			t.Errorf("the %s %s has the numbers %s and %s; the newest are %s and 8.8.0", o.Type, o.ID, o.TypeMigrationVersion, o.CoreMigrationVersion, most)
		}
		names := map[string]bool{}
		for _, r := range o.References {
			if !ids[r.Type+" "+r.ID] {
				t.Errorf("the %s %s refers to the %s %s, which there is not", o.Type, o.ID, r.Type, r.ID)
			}
			if names[r.Name] {
				t.Errorf("the %s %s has two references named %s", o.Type, o.ID, r.Name)
			}
			names[r.Name] = true
		}
		checkShape(t, o)
	}
}

// newer is whether a is a later version than b.
func newer(t *testing.T, a, b string) bool {
	t.Helper()
	return slices.Compare(parts(t, a), parts(t, b)) > 0
}

func parts(t *testing.T, version string) []int {
	t.Helper()
	numbers := []int{}
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// checkShape reads everything that an object nests as text.
func checkShape(t *testing.T, o source.Object) {
	t.Helper()
	text := string(o.Attributes)
	switch o.Type {
	case "index-pattern":
		v := strictly[source.DataView](t, text)
		strictly[map[string]source.Format](t, v.FieldFormatMap)
		strictly[map[string]source.Attr](t, v.FieldAttrs)
		strictly[map[string]struct{}](t, v.RuntimeFieldMap)
		strictly[[]struct{}](t, v.SourceFilters)
		strictly[[]struct{}](t, v.Fields)
		titled(t, o, v.Title, v.Name, v.TimeFieldName)
	case "search":
		s := strictly[source.Search](t, text)
		from := strictly[source.SearchSource](t, s.Meta.SearchSourceJSON)
		titled(t, o, s.Title, s.Description)
		if len(o.References) != 1 || o.References[0].Name != from.IndexRefName || o.References[0].Type != "index-pattern" {
			t.Errorf("the search %s knows its data view as %s, and refers to %v", o.ID, from.IndexRefName, o.References)
		}
		if from.Query.Language != "lucene" || from.Filter == nil {
			t.Errorf("the search %s has the language %s, want lucene; and a list of filters, which may be empty", o.ID, from.Query.Language)
		}
	case "visualization":
		v := strictly[source.Visualization](t, text)
		strictly[source.SearchSource](t, v.Meta.SearchSourceJSON)
		state := strictly[source.VisState](t, v.VisState)
		titled(t, o, v.Title)
		if state.Title != v.Title || state.Aggs == nil || (state.Params.Spec == "") != (state.Type == "markdown") {
			t.Errorf("the visualization %s has the state %+v", o.ID, state)
		}
	case "dashboard":
		d := strictly[source.Dashboard](t, text)
		strictly[source.SearchSource](t, d.Meta.SearchSourceJSON)
		strictly[source.Options](t, d.OptionsJSON)
		titled(t, o, d.Title, d.Description, d.TimeFrom, d.TimeTo)
		checkPanels(t, o, strictly[[]source.Panel](t, d.PanelsJSON))
	default:
		t.Errorf("the object %s is a %s", o.ID, o.Type)
	}
}

// titled makes sure that none of the texts is empty.
func titled(t *testing.T, o source.Object, texts ...string) {
	t.Helper()
	if slices.Contains(texts, "") {
		t.Errorf("the %s %s lacks one of its texts: %q", o.Type, o.ID, texts)
	}
}

// checkPanels makes sure that each panel shows a reference by its name, that they fit the grid and that no two overlap.
func checkPanels(t *testing.T, o source.Object, panels []source.Panel) {
	t.Helper()
	named := map[string]source.Reference{}
	for _, r := range o.References {
		named[r.Name] = r
	}
	for i, p := range panels {
		r, known := named[p.PanelIndex+":"+p.PanelRefName]
		delete(named, p.PanelIndex+":"+p.PanelRefName)
		if !known || r.Type != p.Type {
			t.Errorf("the panel %s of %s shows the %s %s, and refers to %+v", p.PanelIndex, o.ID, p.Type, p.PanelRefName, r)
		}
		g := p.GridData
		if g.I != p.PanelIndex || g.X < 0 || g.Y < 0 || g.W < 8 || g.H < 4 || g.X+g.W > 48 {
			t.Errorf("the panel %s of %s does not fit a grid of 48 columns: %+v", p.PanelIndex, o.ID, g)
		}
		for _, other := range panels[:i] {
			h := other.GridData
			if g.X < h.X+h.W && h.X < g.X+g.W && g.Y < h.Y+h.H && h.Y < g.Y+g.H {
				t.Errorf("the panels %s and %s of %s overlap", p.PanelIndex, other.PanelIndex, o.ID)
			}
		}
	}
	if len(named) > 0 {
		t.Errorf("%s refers to what it does not show: %v", o.ID, named)
	}
}

// Every picture, note and search stands on a dashboard, and every data view is used.
func TestNothingIsLeftOver(t *testing.T) {
	t.Parallel()
	objects := export(t)
	used := map[string]bool{}
	for _, o := range objects {
		for _, r := range o.References {
			used[r.ID] = true
		}
	}
	patterns := []string{}
	for _, p := range pictures(t, objects) {
		patterns = append(patterns, p.index)
	}
	for _, o := range objects {
		shown := o.Type == "dashboard" || used[o.ID]
		if o.Type == "index-pattern" {
			shown = shown || slices.Contains(patterns, strictly[source.DataView](t, string(o.Attributes)).Title)
		}
		if !shown {
			t.Errorf("nobody sees the %s %s", o.Type, o.ID)
		}
	}
}

// Links within Kibana lead to what there is.
func TestLinks(t *testing.T) {
	t.Parallel()
	objects := export(t)
	all := fmt.Sprintf("%s", func() (texts [][]byte) {
		for _, o := range objects {
			texts = append(texts, o.Attributes)
		}
		return texts
	}())
	found := 0
	for rest := all; ; {
		_, after, more := strings.Cut(rest, "#/view/")
		if !more {
			break
		}
		id, _, _ := strings.Cut(after, "?")
		id = id[:strings.IndexFunc(id+" ", func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz-0123456789", r) })]
		if !slices.ContainsFunc(objects, func(o source.Object) bool { return o.ID == id }) {
			t.Errorf("a link leads to %s, which there is not", id)
		}
		found++
		rest = after
	}
	if found < 5 {
		t.Errorf("%d links were found, want more", found)
	}
	for _, want := range []string{"/app/uptime", "/app/apm/services", "localhost:3000", "localhost:8080"} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing leads to %s", want)
		}
	}
}
