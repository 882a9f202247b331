package page

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// document is as much of an OpenAPI 3.1 document as its page shows.
type document struct {
	Info struct {
		Title, Version, Summary, Description string
	}
	Tags  []tag
	Paths ordered[pathItem]

	Components struct {
		Schemas    ordered[schema]
		Parameters ordered[parameter]
		Responses  ordered[response]
		Headers    ordered[header]
	}
}

type tag struct{ Name, Description string }

type pathItem struct {
	Parameters                          []parameter
	Get, Head, Post, Put, Patch, Delete *operation
}

type method struct {
	name string
	*operation
}

type operation struct {
	OperationID string `yaml:"operationId"`
	Tags        []string
	Summary     string
	Description string
	Parameters  []parameter
	RequestBody *body `yaml:"requestBody"`
	Responses   ordered[response]
}

type parameter struct {
	Ref         string `yaml:"$ref"`
	Name        string
	In          string
	Description string
	Required    bool
	Schema      schema
	Example     any
}

type body struct {
	Required bool
	Content  ordered[media]
}

type response struct {
	Ref         string `yaml:"$ref"`
	Description string
	Headers     ordered[header]
	Content     ordered[media]
}

type header struct {
	Ref         string `yaml:"$ref"`
	Description string
	Schema      schema
}

type media struct {
	Schema   schema
	Example  any
	Examples ordered[struct {
		Summary string
		Value   yaml.Node
	}]
}

// ordered is a mapping in the order in which it was written.
type ordered[T any] []entry[T]

type entry[T any] struct {
	Name  string
	Value T
}

// UnmarshalYAML reads a mapping.
func (o *ordered[T]) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: not a mapping", n.Line)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := entry[T]{Name: n.Content[i].Value}
		if err := n.Content[i+1].Decode(&e.Value); err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		*o = append(*o, e)
	}
	return nil
}

// find returns what stands under the last part of a reference such as #/components/schemas/Job.
func (o ordered[T]) find(ref string) (T, bool) {
	name := lastPart(ref)
	for _, e := range o {
		if e.Name == name {
			return e.Value, true
		}
	}
	var none T
	return none, false
}

// methods are what the path takes, in the usual order.
func (p pathItem) methods() []method {
	var all []method
	for _, m := range []method{{"GET", p.Get}, {"HEAD", p.Head}, {"POST", p.Post}, {"PUT", p.Put}, {"PATCH", p.Patch}, {"DELETE", p.Delete}} {
		if m.operation != nil {
			all = append(all, m)
		}
	}
	return all
}
