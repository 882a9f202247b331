package source

// What Grafana calls the classic model of a dashboard, as far as it is used here.

// Dashboard is a whole one. Its uid is in links and rules, so it stays.
type Dashboard struct {
	UID           string      `json:"uid"`
	Title         string      `json:"title"`
	Description   string      `json:"description"`
	Tags          []string    `json:"tags"`
	SchemaVersion int         `json:"schemaVersion"`
	Version       int         `json:"version"`
	Editable      bool        `json:"editable"`
	GraphTooltip  int         `json:"graphTooltip"`
	Refresh       string      `json:"refresh"`
	Timezone      string      `json:"timezone"`
	Time          Range       `json:"time"`
	Links         []Link      `json:"links"`
	Annotations   Annotations `json:"annotations"`
	Templating    Variables   `json:"templating"`
	Panels        []Panel     `json:"panels"`
}

// Range is what a dashboard shows at first.
type Range struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Link leads from a dashboard to the others.
type Link struct {
	Title       string   `json:"title"`
	Type        string   `json:"type"`
	Icon        string   `json:"icon"`
	Tooltip     string   `json:"tooltip"`
	Tags        []string `json:"tags"`
	AsDropdown  bool     `json:"asDropdown"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
	TargetBlank bool     `json:"targetBlank"`
	URL         string   `json:"url,omitempty"`
}

// Annotations are what is drawn over all panels of a dashboard.
type Annotations struct {
	List []Annotation `json:"list"`
}

// Annotation asks for events. The field of the text must be named, else Grafana takes the tags for it.
type Annotation struct {
	Name         string    `json:"name"`
	Enable       bool      `json:"enable"`
	IconColor    string    `json:"iconColor"`
	Datasource   Reference `json:"datasource"`
	Target       Note      `json:"target"`
	TimeField    string    `json:"timeField"`
	TimeEndField string    `json:"timeEndField"`
	TextField    string    `json:"textField"`
	TagsField    string    `json:"tagsField"`
}

// Note is the query of an annotation.
type Note struct {
	RefID string `json:"refId"`
	Query string `json:"query"`
}

// Variables are what can be chosen above a dashboard.
type Variables struct {
	List []Variable `json:"list"`
}

// Variable is one of them, of type query: the values of a field.
type Variable struct {
	Name       string     `json:"name"`
	Type       string     `json:"type"`
	Label      string     `json:"label"`
	Hide       int        `json:"hide"`
	Datasource *Reference `json:"datasource,omitempty"`
	Query      string     `json:"query"`
	Refresh    int        `json:"refresh,omitempty"`
	Sort       int        `json:"sort,omitempty"`
	IncludeAll bool       `json:"includeAll"`
	AllValue   string     `json:"allValue,omitempty"`
	Multi      bool       `json:"multi"`
	Current    Choice     `json:"current"`
}

// Choice is what a variable is at first.
type Choice struct {
	Selected bool   `json:"selected"`
	Text     string `json:"text"`
	Value    string `json:"value"`
}

// Reference names a data source.
type Reference struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Panel is one. Its id is in the annotations of rules, so it stays.
type Panel struct {
	ID              int              `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	Datasource      Reference        `json:"datasource"`
	GridPos         Place            `json:"gridPos"`
	Interval        string           `json:"interval,omitempty"`
	Targets         []Target         `json:"targets"`
	Transformations []Transformation `json:"transformations,omitempty"`
	FieldConfig     Fields           `json:"fieldConfig"`
	Options         any              `json:"options"`
}

// Place is where a panel stands, in a grid of 24 columns.
type Place struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// Transformation is done to what a query answers, in the browser.
type Transformation struct {
	ID      string         `json:"id"`
	Options map[string]any `json:"options"`
}

// Fields say how values look.
type Fields struct {
	Defaults  Field      `json:"defaults"`
	Overrides []Override `json:"overrides"`
}

// Field is how a value looks.
type Field struct {
	Unit       string         `json:"unit,omitempty"`
	Min        *float64       `json:"min,omitempty"`
	Max        *float64       `json:"max,omitempty"`
	Decimals   *int           `json:"decimals,omitempty"`
	NoValue    string         `json:"noValue,omitempty"`
	Color      *Color         `json:"color,omitempty"`
	Thresholds *Thresholds    `json:"thresholds,omitempty"`
	Mappings   []Mapping      `json:"mappings,omitempty"`
	Custom     map[string]any `json:"custom,omitempty"`
}

// Color is how a value gets its color.
type Color struct {
	Mode string `json:"mode"`
}

// Thresholds are where a color begins.
type Thresholds struct {
	Mode  string `json:"mode"`
	Steps []Step `json:"steps"`
}

// Step is one of them; the first has no value.
type Step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

// Mapping shows words for values.
type Mapping struct {
	Type    string          `json:"type"`
	Options map[string]Word `json:"options"`
}

// Word is shown for a value.
type Word struct {
	Text  string `json:"text"`
	Color string `json:"color"`
	Index int    `json:"index"`
}

// Override is for the fields that it matches alone.
type Override struct {
	Matcher    Matcher    `json:"matcher"`
	Properties []Property `json:"properties"`
}

// Matcher finds fields.
type Matcher struct {
	ID      string `json:"id"`
	Options string `json:"options"`
}

// Property is one thing that an override sets.
type Property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

// DataLink leads from a value to a page.
type DataLink struct {
	Title       string `json:"title"`
	URL         string `json:"url"`
	TargetBlank bool   `json:"targetBlank"`
}
