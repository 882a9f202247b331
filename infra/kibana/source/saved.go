//nolint:tagliatelle // the names are Kibana's
package source

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The numbers of the shapes below. Kibana brings older ones up to date by itself and refuses numbers that it does not know yet, so they are
// those of an export of Kibana 8.13, older than the Kibana that we run.
const (
	coreVersion          = "8.8.0"
	dataViewVersion      = "8.0.0"
	searchVersion        = "8.0.0"
	visualizationVersion = "8.5.0"
	dashboardVersion     = "8.9.0"
)

// The types of saved objects.
const (
	typeDataView      = "index-pattern"
	typeSearch        = "search"
	typeVisualization = "visualization"
	typeDashboard     = "dashboard"
)

// Object is one saved object of Kibana: one line of an export.
type Object struct {
	Type                 string          `json:"type"`
	ID                   string          `json:"id"`
	Attributes           json.RawMessage `json:"attributes"`
	References           []Reference     `json:"references"`
	CoreMigrationVersion string          `json:"coreMigrationVersion"`
	TypeMigrationVersion string          `json:"typeMigrationVersion"`
}

// Reference is how an object names another one. Its own text knows the other by Name alone.
type Reference struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// DataView says which indices are looked at together and how their fields are shown. The fields that end in Map, and Fields, are JSON as text.
type DataView struct {
	Title           string `json:"title"`
	Name            string `json:"name"`
	TimeFieldName   string `json:"timeFieldName"`
	FieldFormatMap  string `json:"fieldFormatMap"`
	FieldAttrs      string `json:"fieldAttrs"`
	RuntimeFieldMap string `json:"runtimeFieldMap"`
	SourceFilters   string `json:"sourceFilters"`
	Fields          string `json:"fields"`
	AllowHidden     bool   `json:"allowHidden"`
}

// Format is how one field of a data view is shown.
type Format struct {
	ID     string        `json:"id"`
	Params *FormatParams `json:"params,omitempty"`
}

// FormatParams are the choices of a Format; which of them count depends on its ID.
type FormatParams struct {
	URLTemplate     string `json:"urlTemplate,omitempty"`
	LabelTemplate   string `json:"labelTemplate,omitempty"`
	InputFormat     string `json:"inputFormat,omitempty"`
	OutputFormat    string `json:"outputFormat,omitempty"`
	OutputPrecision *int   `json:"outputPrecision,omitempty"`
	UseShortSuffix  bool   `json:"useShortSuffix,omitempty"`
	Pattern         string `json:"pattern,omitempty"`
}

// Search is a saved search: a query over a data view, and the columns of its table.
type Search struct {
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Columns     []string   `json:"columns"`
	Sort        [][]string `json:"sort"`
	Grid        struct{}   `json:"grid"`
	HideChart   bool       `json:"hideChart"`
	Meta        Meta       `json:"kibanaSavedObjectMeta"`
}

// Meta holds a SearchSource as text.
type Meta struct {
	SearchSourceJSON string `json:"searchSourceJSON"`
}

// SearchSource is the query of an object.
type SearchSource struct {
	Query        Query             `json:"query"`
	Filter       []json.RawMessage `json:"filter"`
	IndexRefName string            `json:"indexRefName,omitempty"`
}

// Query is a text of the search bar, in the language lucene or kuery.
type Query struct {
	Query    string `json:"query"`
	Language string `json:"language"`
}

// Visualization is one panel's picture; VisState is a VisState as text.
type Visualization struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	UIStateJSON string `json:"uiStateJSON"`
	Version     int    `json:"version"`
	VisState    string `json:"visState"`
	Meta        Meta   `json:"kibanaSavedObjectMeta"`
}

// VisState is what a visualization shows. Its Type is vega or markdown.
type VisState struct {
	Title  string    `json:"title"`
	Type   string    `json:"type"`
	Aggs   []string  `json:"aggs"`
	Params VisParams `json:"params"`
}

// VisParams are the specification of a Vega picture, or the text of a note.
type VisParams struct {
	Spec              string `json:"spec,omitempty"`
	Markdown          string `json:"markdown,omitempty"`
	FontSize          int    `json:"fontSize,omitempty"`
	OpenLinksInNewTab bool   `json:"openLinksInNewTab,omitempty"`
}

// Dashboard is a page of panels; those that end in JSON are texts of Options and of []Panel.
type Dashboard struct {
	Title           string          `json:"title"`
	Description     string          `json:"description"`
	Version         int             `json:"version"`
	TimeRestore     bool            `json:"timeRestore"`
	TimeFrom        string          `json:"timeFrom"`
	TimeTo          string          `json:"timeTo"`
	RefreshInterval RefreshInterval `json:"refreshInterval"`
	OptionsJSON     string          `json:"optionsJSON"`
	PanelsJSON      string          `json:"panelsJSON"`
	Meta            Meta            `json:"kibanaSavedObjectMeta"`
}

// RefreshInterval is how often a dashboard asks again, in milliseconds.
type RefreshInterval struct {
	Pause bool `json:"pause"`
	Value int  `json:"value"`
}

// Options are how a dashboard's panels look.
type Options struct {
	UseMargins      bool `json:"useMargins"`
	SyncColors      bool `json:"syncColors"`
	SyncCursor      bool `json:"syncCursor"`
	SyncTooltips    bool `json:"syncTooltips"`
	HidePanelTitles bool `json:"hidePanelTitles"`
}

// Panel is one place of a dashboard and what stands there.
type Panel struct {
	Type             string           `json:"type"`
	GridData         Grid             `json:"gridData"`
	PanelIndex       string           `json:"panelIndex"`
	EmbeddableConfig EmbeddableConfig `json:"embeddableConfig"`
	PanelRefName     string           `json:"panelRefName"`
}

// Grid is a place on a dashboard, which is 48 columns wide.
type Grid struct {
	X int    `json:"x"`
	Y int    `json:"y"`
	W int    `json:"w"`
	H int    `json:"h"`
	I string `json:"i"`
}

// EmbeddableConfig is what a dashboard changes about an object that it shows: nothing.
type EmbeddableConfig struct {
	Enhancements struct{} `json:"enhancements"`
}

// object makes the line of an object out of its attributes.
func object(kind, version, id string, attributes any, references ...Reference) (Object, error) {
	raw, err := compact(attributes)
	if err != nil {
		return Object{}, fmt.Errorf("write the %s %s: %w", kind, id, err)
	}
	if references == nil {
		references = []Reference{}
	}
	return Object{
		Type: kind, ID: id, Attributes: raw, References: references, CoreMigrationVersion: coreVersion, TypeMigrationVersion: version,
	}, nil
}

// compact is the JSON of a value, with <, > and & as they are.
func compact(value any) (json.RawMessage, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// text is the JSON of a value whose type cannot fail, as Kibana nests it in a string.
func text(value any) string {
	raw, err := compact(value)
	if err != nil {
		panic(fmt.Sprintf("a value of this package is no JSON: %v", err))
	}
	return string(raw)
}

// indented is the JSON of a specification as a person edits it in Kibana.
func indented(value any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("a specification of this package is no JSON: %v", err))
	}
	return b.String()
}
