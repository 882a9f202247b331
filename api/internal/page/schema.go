package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// schema is as much of a JSON Schema as the page shows.
type schema struct {
	Ref         string `yaml:"$ref"`
	Type        words
	Description string
	Format      string
	Pattern     string
	Enum        []any
	Const       any
	Default     any
	Examples    []yaml.Node
	Required    []string
	Properties  ordered[schema]
	Items       *schema
	OneOf       []schema `yaml:"oneOf"`
	AnyOf       []schema `yaml:"anyOf"`
	Additional  *schema  `yaml:"additionalProperties"`

	Minimum       any
	Maximum       any
	MinItems      any `yaml:"minItems"`
	MaxItems      any `yaml:"maxItems"`
	MaxProperties any `yaml:"maxProperties"`
}

// words is one word or a list of them.
type words []string

// UnmarshalYAML reads either.
func (w *words) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*w = words{n.Value}
		return nil
	}
	return n.Decode((*[]string)(w))
}

// UnmarshalYAML also takes true and false, which allow everything and nothing.
func (s *schema) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return nil
	}
	type plain schema
	return n.Decode((*plain)(s))
}

func lastPart(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// typeOf says in words what values there can be; names of schemas lead to them.
func typeOf(s schema) template.HTML {
	text := template.HTMLEscapeString
	switch choices := slices.Concat(s.OneOf, s.AnyOf); {
	case s.Ref != "":
		name := text(lastPart(s.Ref))
		return template.HTML(`<a href="#schema-` + name + `">` + name + `</a>`) //nolint:gosec // escaped above
	case len(choices) > 0:
		parts := make([]string, len(choices))
		for i, c := range choices {
			parts[i] = string(typeOf(c))
		}
		return template.HTML(strings.Join(parts, " or ")) //nolint:gosec // each is escaped
	case s.Const != nil:
		return template.HTML("<code>" + text(fmt.Sprint(s.Const)) + "</code>") //nolint:gosec // escaped
	case len(s.Enum) > 0:
		parts := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			parts[i] = "<code>" + text(fmt.Sprint(v)) + "</code>"
		}
		return template.HTML(strings.Join(parts, " · ")) //nolint:gosec // each is escaped
	case slices.Contains(s.Type, "array") && s.Items != nil:
		return "list of " + typeOf(*s.Items)
	case slices.Contains(s.Type, "object") && s.Additional != nil && len(s.Properties) == 0 && s.Additional.says():
		return "object of " + typeOf(*s.Additional)
	}
	kind := strings.Join(s.Type, " or ")
	switch s.Format {
	case "date-time":
		kind = "time"
	case "uri-reference":
		kind = "address"
	}
	if kind == "" {
		kind = "anything"
	}
	return template.HTML(text(kind)) //nolint:gosec // escaped
}

func (s schema) says() bool {
	return s.Ref != "" || len(s.Type) > 0 || len(s.OneOf) > 0 || len(s.AnyOf) > 0
}

// longestPattern is up to how long a pattern tells a person anything.
const longestPattern = 40

// bounds says what else a value has to keep to.
func bounds(s schema) string {
	var parts []string
	say := func(format string, v any) {
		if v != nil {
			parts = append(parts, fmt.Sprintf(format, v))
		}
	}
	say("at least %v", s.Minimum)
	say("at most %v", s.Maximum)
	say("%v or more of them", s.MinItems)
	say("%v of them at most", s.MaxItems)
	say("%v members at most", s.MaxProperties)
	say("%v if left out", s.Default)
	if s.Pattern != "" && len(s.Pattern) <= longestPattern {
		parts = append(parts, "matches "+s.Pattern)
	}
	return strings.Join(parts, "; ")
}

// member is one line of the table of a schema.
type member struct {
	Name        string
	Type        template.HTML
	Required    bool
	Description string
	Bounds      string
}

// members lists what an object consists of; what stands inside of it without a name of its own follows with a dotted name.
func members(s schema, prefix string) []member {
	var all []member
	for _, p := range s.Properties {
		name, v := prefix+p.Name, p.Value
		all = append(all, member{name, typeOf(v), slices.Contains(s.Required, p.Name), v.Description, bounds(v)})
		inner, dot := v, "."
		if v.Items != nil {
			inner, dot = *v.Items, "[]."
		}
		all = append(all, members(inner, name+dot)...)
	}
	return all
}
