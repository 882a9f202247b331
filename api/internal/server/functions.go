package server

import (
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"numbermill/api"
	"numbermill/shared/function"
)

func (s *Server) listFunctions(w http.ResponseWriter, r *http.Request) error {
	list := api.FunctionList{Functions: []api.Function{}}
	for _, f := range function.All() {
		list.Functions = append(list.Functions, s.describe(f))
	}
	return s.answer(w, r, http.StatusOK, list)
}

func (s *Server) getFunction(w http.ResponseWriter, r *http.Request) error {
	name := mux.Vars(r)["name"]
	f, ok := function.Lookup(name)
	if !ok {
		return refuse(notFound, "There is no function %q. There are %s.", shorten(name), functionNames())
	}
	return s.answer(w, r, http.StatusOK, s.describe(f))
}

func (s *Server) describe(f *function.Function) api.Function {
	d := api.Function{
		Name: f.Name, Title: f.Title, Summary: f.Summary, Definition: f.Definition, Notation: f.Notation,
		ArgumentsSchema: f.Schema(), Limits: limits(s.limits()), CostFormula: f.CostFormula,
		Parameters: []api.Parameter{}, Methods: []api.Method{}, Examples: []api.Example{},
	}
	if f.Sequence != "" {
		d.Sequence = &f.Sequence
	}
	for _, p := range f.Parameters {
		d.Parameters = append(d.Parameters, api.Parameter{Name: p.Name, Title: p.Title, Description: p.Description, Examples: append([]string{}, p.Examples...)})
	}
	for _, m := range f.Methods {
		d.Methods = append(d.Methods, api.Method{Name: m.Name, Title: m.Title, Description: m.Description, Result: m.Kind.String()})
	}
	for _, e := range f.Examples {
		d.Examples = append(d.Examples, api.Example{Args: e.Args, Note: e.Note})
	}
	return d
}

func limits(l function.Limits) api.Limits {
	return api.Limits{Cost: decimal(l.CostMillis), Digits: decimal(l.Digits), PeakBytes: decimal(l.PeakBytes)}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
