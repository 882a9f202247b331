package page

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// deepestExample bounds how many schemas are looked into for an example.
const deepestExample = 6

// exampler makes examples of the schemas of a document.
type exampler struct{ schemas ordered[schema] }

// of writes an example of a value as JSON with its members in the order of the document; with optional also those that may be left out.
func (x exampler) of(s schema, optional bool) string {
	var b strings.Builder
	x.write(&b, s, optional, "", 0)
	return b.String()
}

func (x exampler) write(b *strings.Builder, s schema, optional bool, indent string, depth int) {
	if s.Ref != "" {
		target, _ := x.schemas.find(s.Ref)
		target.Examples = slices.Concat(s.Examples, target.Examples)
		s = target
	}
	choices := slices.Concat(s.OneOf, s.AnyOf)
	switch {
	case len(s.Examples) > 0:
		writeNode(b, &s.Examples[0], indent)
	case s.Const != nil:
		writeValue(b, s.Const)
	case s.Default != nil:
		writeValue(b, s.Default)
	case len(s.Enum) > 0:
		writeValue(b, s.Enum[0])
	case len(choices) > 0:
		x.write(b, choices[0], optional, indent, depth)
	case len(s.Properties) > 0 && depth < deepestExample:
		x.writeObject(b, s, optional, indent, depth)
	case slices.Contains(s.Type, "array") && s.Items != nil && depth < deepestExample:
		b.WriteString("[")
		x.write(b, *s.Items, optional, indent, depth+1)
		if n, ok := s.MinItems.(int); ok && n > 1 {
			b.WriteString(", ")
			x.write(b, *s.Items, optional, indent, depth+1)
		}
		b.WriteString("]")
	default:
		b.WriteString(scalar(s))
	}
}

func (x exampler) writeObject(b *strings.Builder, s schema, optional bool, indent string, depth int) {
	deeper, comma := indent+"  ", ""
	b.WriteString("{")
	for _, p := range s.Properties {
		if !optional && !slices.Contains(s.Required, p.Name) {
			continue
		}
		fmt.Fprintf(b, "%s\n%s%q: ", comma, deeper, p.Name)
		x.write(b, p.Value, optional, deeper, depth+1)
		comma = ","
	}
	b.WriteString("\n" + indent + "}")
}

// scalar is some value of a type.
func scalar(s schema) string {
	switch {
	case s.Format == "date-time":
		return `"2026-01-31T12:00:00Z"`
	case s.Format == "uri-reference":
		return `"/v1/jobs/job_01938f21-7c04-7b6e-9d3a-5f0f4a6d1a2b"`
	case s.Pattern == "^[0-9]+$":
		return `"1000"`
	case s.Pattern != "":
		return `"…"`
	case slices.Contains(s.Type, "object"):
		return "{}"
	case slices.Contains(s.Type, "array"):
		return "[]"
	case slices.Contains(s.Type, "integer"):
		return "1"
	case slices.Contains(s.Type, "number"):
		return "1.5"
	case slices.Contains(s.Type, "boolean"):
		return "true"
	case slices.Contains(s.Type, "null"):
		return "null"
	default:
		return `"…"`
	}
}

// writeNode writes what stands in the document, in its order.
func writeNode(b *strings.Builder, n *yaml.Node, indent string) {
	switch n.Kind {
	case yaml.MappingNode:
		deeper, comma := indent+"  ", ""
		b.WriteString("{")
		for i := 0; i+1 < len(n.Content); i += 2 {
			fmt.Fprintf(b, "%s\n%s%q: ", comma, deeper, n.Content[i].Value)
			writeNode(b, n.Content[i+1], deeper)
			comma = ","
		}
		b.WriteString("\n" + indent + "}")
	case yaml.SequenceNode:
		b.WriteString("[")
		for i, item := range n.Content {
			if i > 0 {
				b.WriteString(", ")
			}
			writeNode(b, item, indent)
		}
		b.WriteString("]")
	case yaml.AliasNode:
		writeNode(b, n.Alias, indent)
	default:
		var v any
		_ = n.Decode(&v) // a scalar always is something
		writeValue(b, v)
	}
}

func writeValue(b *strings.Builder, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		text = []byte("null") // no YAML scalar gets here
	}
	b.Write(text)
}
