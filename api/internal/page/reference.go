package page

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reference is what the page of the API shows.
type reference struct {
	Frame
	Title, Version, Summary, Description string
	Groups                               []group
	Schemas                              []schemaView
}

type group struct {
	Name, Description string
	Operations        []operationView
}

type operationView struct {
	ID, Method, Path, Summary, Description string
	Parameters                             []parameterView
	Body                                   *bodyView
	Command                                string
	Answers                                []answerView
	// Refusals are the statuses that are answered with a problem document alone.
	Refusals []string
}

type parameterView struct {
	Name, In    string
	Type        template.HTML
	Required    bool
	Description string
	Bounds      string
	Example     string
}

type bodyView struct {
	MediaType string
	Type      template.HTML
	Example   string
}

type answerView struct {
	Status, Description string
	Headers             []parameterView
	Bodies              []bodyView
}

type schemaView struct {
	Name, Description string
	Type              template.HTML
	Bounds            string
	Members           []member
	Example           string
}

// Reference makes the page of an OpenAPI 3.1 document in YAML.
func Reference(source []byte, app bool) ([]byte, error) {
	var d document
	if err := yaml.Unmarshal(source, &d); err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	r := reference{
		Frame: Frame{"API reference", app}, Title: d.Info.Title, Version: d.Info.Version, Summary: d.Info.Summary, Description: d.Info.Description,
	}
	for _, t := range d.Tags {
		if g := (group{t.Name, t.Description, d.operations(t.Name)}); len(g.Operations) > 0 {
			r.Groups = append(r.Groups, g)
		}
	}
	x := exampler{d.Components.Schemas}
	for _, s := range d.Components.Schemas {
		v := schemaView{Name: s.Name, Description: s.Value.Description, Bounds: bounds(s.Value), Members: members(s.Value, "")}
		if len(v.Members) == 0 {
			v.Type = typeOf(s.Value)
		} else {
			v.Example = x.of(s.Value, true)
		}
		r.Schemas = append(r.Schemas, v)
	}
	return render("reference.html", r)
}

// operations are those with a tag, in the order of the document.
func (d *document) operations(tag string) []operationView {
	var all []operationView
	for _, path := range d.Paths {
		for _, m := range path.Value.methods() {
			if slices.Contains(m.Tags, tag) {
				all = append(all, d.operation(path.Name, m, slices.Concat(path.Value.Parameters, m.Parameters)))
			}
		}
	}
	return all
}

func (d *document) operation(path string, m method, parameters []parameter) operationView {
	v := operationView{ID: m.OperationID, Method: m.name, Path: path, Summary: m.Summary, Description: m.Description}
	for _, p := range parameters {
		if p.Ref != "" {
			p, _ = d.Components.Parameters.find(p.Ref)
		}
		v.Parameters = append(v.Parameters, parameterView{
			p.Name, p.In, typeOf(p.Schema), p.Required, p.Description, bounds(p.Schema), exampleText(p.Example),
		})
	}
	if m.RequestBody != nil && len(m.RequestBody.Content) > 0 {
		v.Body = d.body(m.RequestBody.Content[0], false)
	}
	v.Command = command(v)
	for _, a := range m.Responses {
		answer := a.Value
		if answer.Ref != "" {
			answer, _ = d.Components.Responses.find(answer.Ref)
		}
		if len(answer.Content) == 1 && answer.Content[0].Name == "application/problem+json" {
			v.Refusals = append(v.Refusals, a.Name)
		} else {
			v.Answers = append(v.Answers, d.answer(a.Name, answer))
		}
	}
	return v
}

func (d *document) answer(status string, r response) answerView {
	v := answerView{Status: status, Description: r.Description}
	for _, h := range r.Headers {
		value := h.Value
		if value.Ref != "" {
			value, _ = d.Components.Headers.find(value.Ref)
		}
		v.Headers = append(v.Headers, parameterView{Name: h.Name, Type: typeOf(value.Schema), Description: value.Description})
	}
	for _, c := range r.Content {
		v.Bodies = append(v.Bodies, *d.body(c, true))
	}
	return v
}

// body shows one media type. The example of an answer that has a name stands with its schema.
func (d *document) body(c entry[media], answer bool) *bodyView {
	v := &bodyView{MediaType: c.Name, Type: typeOf(c.Value.Schema)}
	if !c.Value.Schema.says() {
		v.Type = ""
	}
	x := exampler{d.Components.Schemas}
	switch {
	case len(c.Value.Examples) > 0:
		var b strings.Builder
		writeNode(&b, &c.Value.Examples[0].Value.Value, "")
		v.Example = b.String()
	case strings.HasSuffix(c.Name, "json") && !answer:
		v.Example = x.of(c.Value.Schema, false)
	}
	return v
}

// command is the call as one would type it.
func command(v operationView) string {
	address := v.Path
	for _, p := range v.Parameters {
		if p.In == "path" {
			address = strings.ReplaceAll(address, "{"+p.Name+"}", cmp.Or(p.Example, "…"))
		}
	}
	flags := map[string]string{"GET": "", "HEAD": "-I ", "POST": "-X POST "}
	flag, ok := flags[v.Method]
	if !ok {
		flag = "-X " + v.Method + " "
	}
	text := "curl " + flag + "http://127.0.0.1:8080" + address
	if v.Body != nil {
		text = "curl http://127.0.0.1:8080" + address + " \\\n  -H 'Content-Type: " + v.Body.MediaType + "' \\\n  -d '" + v.Body.Example + "'"
	}
	return text
}

func exampleText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
