package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"numbermill/api"
	"numbermill/shared/function"
)

// What a submission may carry.
const (
	mostLabels     = 16
	longestLabel   = 128 // characters of a value
	longestPointer = 200 // bytes of a member's name that a pointer repeats
)

var labelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`)

// computation is what a request asks for, checked.
type computation struct {
	function *function.Function
	args     function.Args
	method   string
}

func (s *Server) readComputation(w http.ResponseWriter, r *http.Request) (computation, error) {
	o, err := s.readObject(w, r)
	if err != nil {
		return computation{}, err
	}
	f := &fields{object: o}
	f.known("function", "args", "method")
	c := f.computation()
	return c, f.err()
}

// fields reads the members of a request, and collects everything that is wrong with them.
type fields struct {
	object

	// within is the pointer to the object, if it is not the body itself.
	within string
	wrong  []api.FieldError
}

func (f *fields) err() error {
	if len(f.wrong) == 0 {
		return nil
	}
	return refuseFields(f.wrong)
}

func (f *fields) add(pointer, format string, args ...any) {
	f.wrong = append(f.wrong, api.FieldError{Pointer: f.within + pointer, Detail: fmt.Sprintf(format, args...)})
}

// known refuses all members but these.
func (f *fields) known(names ...string) {
	for _, name := range f.names {
		if !slices.Contains(names, name) {
			f.add(pointer("", name), "There is no member %q. A request has %s.", shorten(name), strings.Join(names, ", "))
		}
	}
}

// pointer is the JSON Pointer (RFC 6901) of a member, or of its object if the name is too long to repeat.
func pointer(object, name string) string {
	if len(name) > longestPointer {
		return object
	}
	return object + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// text reads a member that is a string; ok is false if it is missing or something else.
func (f *fields) text(name string) (text string, ok bool) {
	v, given := f.values[name]
	if !given {
		return "", false
	}
	if v.Kind() != jsontext.KindString {
		f.add("/"+name, "%s is %s. Send a string.", name, kindOf(v))
		return "", false
	}
	return unquote(v), true
}

func unquote(v jsontext.Value) string {
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return "" // the decoder has seen it: it is a valid string
	}
	return string(b)
}

func (f *fields) computation() computation {
	var c computation
	name, ok := f.text("function")
	if _, given := f.values["function"]; !given {
		f.add("/function", "function is missing. Send one of %s.", functionNames())
	}
	if ok {
		if c.function, ok = function.Lookup(name); !ok {
			f.add("/function", "There is no function %q. Send one of %s.", shorten(name), functionNames())
		}
	}
	c.method = f.method(c.function)
	c.args = f.args(c.function)
	return c
}

func functionNames() string {
	var names []string
	for _, f := range function.All() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// method reads the method of fn, which is nil if the function is not known.
func (f *fields) method(fn *function.Function) string {
	name, ok := f.text("method")
	if !ok {
		return function.DefaultMethod
	}
	if fn == nil {
		return name
	}
	if _, ok := fn.Method(name); !ok || name == "" {
		var names []string
		for _, m := range fn.Methods {
			names = append(names, m.Name)
		}
		f.add("/method", "%s has no method %q. It has %s.", fn.Name, shorten(name), strings.Join(names, ", "))
	}
	return name
}

func (f *fields) args(fn *function.Function) function.Args {
	members, ok := f.members("args", true)
	if !ok || fn == nil {
		return function.Args{}
	}
	raw := make(map[string]json.RawMessage, len(members.values))
	for name, value := range members.values {
		raw[name] = json.RawMessage(value)
	}
	args, err := fn.ParseArgs(raw)
	if e, ok := errors.AsType[*function.ArgumentError](err); ok {
		for _, wrong := range e.Fields {
			f.add(pointer("/args", wrong.Name), "%s", wrong.Detail)
		}
	} else if err != nil {
		f.add("/args", "%s", err)
	}
	return args
}

// members reads a member that is an object.
func (f *fields) members(name string, required bool) (object, bool) {
	v, given := f.values[name]
	switch {
	case !given && required:
		f.add("/"+name, `%s is missing. Send an object such as {"n":"1000"}.`, name)
		return object{}, false
	case !given:
		return object{}, false
	case v.Kind() != jsontext.KindBeginObject:
		f.add("/"+name, "%s is %s. Send an object.", name, kindOf(v))
		return object{}, false
	}
	o, err := splitObject(v)
	if err != nil {
		f.add("/"+name, "%s cannot be read.", name) // the decoder has seen it: it is a valid object
	}
	return o, err == nil
}

func (f *fields) labels() map[string]string {
	o, ok := f.members("labels", false)
	if !ok {
		return nil
	}
	if len(o.names) > mostLabels {
		f.add("/labels", "There are %d labels. Send %d at most.", len(o.names), mostLabels)
		return nil
	}
	labels := make(map[string]string, len(o.names))
	for _, name := range o.names {
		at, v := pointer("/labels", name), o.values[name]
		switch {
		case !labelName.MatchString(name):
			f.add(at, "A label's name is 1 to 63 letters, digits, dots, hyphens and underscores, and begins with a letter or a digit.")
		case v.Kind() != jsontext.KindString:
			f.add(at, "The label is %s. Send a string.", kindOf(v))
		case utf8.RuneCountInString(unquote(v)) > longestLabel:
			f.add(at, "The label has more than %d characters. Send a shorter one.", longestLabel)
		default:
			labels[name] = unquote(v)
		}
	}
	return labels
}
