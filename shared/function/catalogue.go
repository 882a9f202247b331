package function

import (
	"cmp"
	"slices"
)

// catalogue holds every function by name. It is written only while the package's variables are initialised.
var catalogue = map[string]*Function{}

// register adds f to the catalogue. It is called from a package-level variable in the function's own file, and panics
// if the name is taken.
func register(f *Function) *Function {
	if _, taken := catalogue[f.Name]; taken {
		panic("function: " + f.Name + " is registered twice")
	}
	catalogue[f.Name] = f
	return f
}

// All returns every function in the order in which people should see them.
func All() []*Function {
	all := make([]*Function, 0, len(catalogue))
	for _, f := range catalogue {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *Function) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// Lookup returns the function of that name.
func Lookup(name string) (*Function, bool) {
	f, ok := catalogue[name]
	return f, ok
}
