// Package kibana reads an export of Kibana's saved objects and asks Elasticsearch what Kibana would ask for them: a Vega picture's own query over the
// time and under the query of its dashboard, and a saved search's. It follows Kibana 8's es_query_parser and es-query.
package kibana

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Export is what an export holds, as far as it asks for something.
type Export struct {
	Pictures []Picture
	Searches []Search
}

// Picture is a Vega picture.
type Picture struct {
	ID, Title string
	// Spec is the whole specification, its data with a query still.
	Spec map[string]any
	// Index is the pattern that is asked, TimeField the field of its time, and Body the query, all from the specification.
	Index, TimeField string
	Body             map[string]any
}

// Search is a saved search.
type Search struct {
	ID, Title, Index, TimeField, Query string
	Columns                            []string
}

// line is an object of an export.
type line struct {
	Type       string     `json:"type"`
	ID         string     `json:"id"`
	Attributes attributes `json:"attributes"`
	References []struct {
		Type string `json:"type"`
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"references"`
}

//nolint:tagliatelle // the names are Kibana's
type attributes struct {
	Title    string   `json:"title"`
	TimeName string   `json:"timeFieldName"`
	VisState string   `json:"visState"`
	Columns  []string `json:"columns"`
	Meta     struct {
		SearchSource string `json:"searchSourceJSON"`
	} `json:"kibanaSavedObjectMeta"`
}

// Read reads an export.
func Read(export []byte) (Export, error) {
	var e Export
	views := map[string]attributes{}
	lines := bufio.NewScanner(bytes.NewReader(export))
	lines.Buffer(nil, len(export)+1)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return Export{}, fmt.Errorf("read an object: %w", err)
		}
		var err error
		switch l.Type {
		case "index-pattern":
			views[l.ID] = l.Attributes
		case "visualization":
			err = e.addPicture(l)
		case "search":
			err = e.addSearch(l, views)
		}
		if err != nil {
			return Export{}, fmt.Errorf("read the %s %s: %w", l.Type, l.ID, err)
		}
	}
	return e, lines.Err()
}

func (e *Export) addPicture(l line) error {
	var state struct {
		Type   string `json:"type"`
		Params struct {
			Spec string `json:"spec"`
		} `json:"params"`
	}
	if err := json.Unmarshal([]byte(l.Attributes.VisState), &state); err != nil {
		return err
	}
	if state.Type != "vega" {
		return nil
	}
	p := Picture{ID: l.ID, Title: l.Attributes.Title}
	if err := json.Unmarshal([]byte(state.Params.Spec), &p.Spec); err != nil {
		return err
	}
	var asked struct {
		Data struct {
			URL struct {
				Index     string         `json:"index"`
				Context   bool           `json:"%context%"`
				TimeField string         `json:"%timefield%"`
				Body      map[string]any `json:"body"`
			} `json:"url"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(state.Params.Spec), &asked); err != nil {
		return err
	}
	url := asked.Data.URL
	if !url.Context || url.TimeField == "" {
		return errors.New("it does not keep to the time and the query of its dashboard")
	}
	if url.Body["query"] != nil {
		return errors.New("kibana allows no query in the body beside %context%")
	}
	p.Index, p.TimeField, p.Body = url.Index, url.TimeField, url.Body
	e.Pictures = append(e.Pictures, p)
	return nil
}

func (e *Export) addSearch(l line, views map[string]attributes) error {
	var source struct {
		Query struct {
			Query    string `json:"query"`
			Language string `json:"language"`
		} `json:"query"`
		Filter []any  `json:"filter"`
		Ref    string `json:"indexRefName"` //nolint:tagliatelle // Kibana's
	}
	if err := json.Unmarshal([]byte(l.Attributes.Meta.SearchSource), &source); err != nil {
		return err
	}
	if source.Query.Language != "lucene" || len(source.Filter) > 0 {
		return errors.New("only queries in the language lucene, without filters, are understood here")
	}
	for _, r := range l.References {
		view, known := views[r.ID]
		if r.Name != source.Ref || !known {
			continue
		}
		e.Searches = append(e.Searches, Search{
			ID: l.ID, Title: l.Attributes.Title, Index: view.Title, TimeField: view.TimeName, Query: source.Query.Query, Columns: l.Attributes.Columns,
		})
		return nil
	}
	return errors.New("its data view is not in the export before it")
}
