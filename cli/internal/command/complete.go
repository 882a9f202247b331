package command

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"numbermill/shared/function"
)

// completeCompute offers the shell function names, then the arguments that are still missing.
func completeCompute(_ *cobra.Command, given []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(given) == 0 {
		var names []string
		for _, f := range function.All() {
			names = append(names, f.Name+"\t"+f.Summary)
		}
		return beginning(names, begun), cobra.ShellCompDirectiveNoFileComp
	}
	f, ok := function.Lookup(given[0])
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var missing []string
	for _, p := range f.Parameters {
		if !slices.ContainsFunc(given[1:], func(a string) bool { return strings.HasPrefix(a, p.Name+"=") }) {
			missing = append(missing, p.Name+"=\t"+p.Description)
		}
	}
	return beginning(missing, begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// beginning keeps what starts with begun.
func beginning(words []string, begun string) []string {
	return slices.DeleteFunc(words, func(word string) bool { return !strings.HasPrefix(word, begun) })
}
