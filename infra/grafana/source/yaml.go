package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// yamlOf writes a value as YAML in the order of its fields, by the names of their json tags; what is empty and marked omitempty is left out.
func yamlOf(v any) []byte {
	var out bytes.Buffer
	out.WriteString("# Written by infra/grafana/source; `make generate` writes it anew.\n")
	block(&out, reflect.ValueOf(v), 0)
	return out.Bytes()
}

// block writes a struct, map or list a line an element.
func block(out *bytes.Buffer, v reflect.Value, depth int) {
	indent := strings.Repeat("  ", depth)
	switch v = bare(v); v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if options == "omitempty" && v.Field(i).IsZero() {
				continue
			}
			entry(out, indent+name+":", v.Field(i), depth)
		}
	case reflect.Map:
		for _, key := range sorted(v) {
			entry(out, indent+key+":", v.MapIndex(reflect.ValueOf(key)), depth)
		}
	case reflect.Slice:
		for i := range v.Len() {
			item(out, indent, v.Index(i), depth)
		}
	default:
		panic(fmt.Sprintf("no block of YAML: %v", v.Kind()))
	}
}

// entry writes a value behind its key.
func entry(out *bytes.Buffer, key string, v reflect.Value, depth int) {
	out.WriteString(key)
	if v = bare(v); scalar(v) {
		fmt.Fprintf(out, " %s\n", word(v))
		return
	}
	out.WriteByte('\n')
	block(out, v, depth+1)
}

// item writes an element of a list, whose first line stands behind the dash.
func item(out *bytes.Buffer, indent string, v reflect.Value, depth int) {
	if v = bare(v); scalar(v) {
		fmt.Fprintf(out, "%s- %s\n", indent, word(v))
		return
	}
	var inner bytes.Buffer
	block(&inner, v, depth+1)
	text := inner.Bytes()
	text[2*depth] = '-'
	out.Write(text)
}

func bare(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}

// scalar is what fits on a line: words, numbers, and what is empty.
func scalar(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Struct:
		return false
	case reflect.Map, reflect.Slice:
		return v.Len() == 0
	default:
		return true
	}
}

// word is a value in YAML's flow style, which JSON is a part of.
func word(v reflect.Value) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v.Interface()); err != nil {
		panic(fmt.Sprintf("cannot write %v: %v", v, err))
	}
	return strings.TrimSpace(out.String())
}

func sorted(v reflect.Value) []string {
	var keys []string
	for _, key := range v.MapKeys() {
		keys = append(keys, key.String())
	}
	slices.Sort(keys)
	return keys
}
