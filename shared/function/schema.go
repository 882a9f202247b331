package function

// Schema returns a JSON Schema (2020-12) of the args object, freshly made: every parameter a string in the grammar of ParseText
// or a whole number, all required in parameter order, no others.
func (f *Function) Schema() map[string]any {
	properties := make(map[string]any, len(f.Parameters))
	required := make([]any, 0, len(f.Parameters))
	for _, p := range f.Parameters {
		properties[p.Name] = p.schema()
		required = append(required, p.Name)
	}
	return map[string]any{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                f.Title,
		"type":                 "object",
		"properties":           properties,
		"required":             required,
		"additionalProperties": false,
	}
}

func (p Parameter) schema() map[string]any {
	examples := make([]any, len(p.Examples))
	for i, e := range p.Examples {
		examples[i] = e
	}
	return map[string]any{
		"title":       p.Title,
		"description": p.Description,
		"type":        []any{"string", "integer"},
		"pattern":     numberPattern,
		"minLength":   1,
		"maxLength":   maxArgumentText,
		"minimum":     0,
		"examples":    examples,
	}
}
