package command

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"numbermill/shared/config"
	"numbermill/shared/function"
)

func newFunctions(std Streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "functions",
		Short:   "List what can be computed",
		Example: "  numbermill functions\n  numbermill functions --json",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return printCatalogueJSON(std)
			}
			return printCatalogue(std)
		},
	}
	config.Add(cmd.Flags(), &asJSON, "json", "print one JSON array", config.Switch())
	config.Document(cmd.Flags())
	return cmd
}

func printCatalogue(std Streams) error {
	t := tabwriter.NewWriter(std.Out, 0, 0, 3, ' ', 0)
	for _, f := range function.All() {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\n", f.Name, placeholders(f), f.Definition) // Flush has the error
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print the catalogue: %w", err)
	}
	return nil
}

// placeholders shows how the arguments are written, such as "m=… n=…".
func placeholders(f *function.Function) string {
	parts := make([]string, len(f.Parameters))
	for i, p := range f.Parameters {
		parts[i] = p.Name + "=…"
	}
	return strings.Join(parts, " ")
}

// entry is a function as GET /v1/functions shows it, in short.
type entry struct {
	Name       string         `json:"name"`
	Title      string         `json:"title"`
	Summary    string         `json:"summary"`
	Definition string         `json:"definition"`
	Methods    []string       `json:"methods"`
	Schema     map[string]any `json:"schema"`
	Examples   []example      `json:"examples"`
}

type example struct {
	Args map[string]string `json:"args"`
	Note string            `json:"note"`
}

func printCatalogueJSON(std Streams) error {
	var entries []entry
	for _, f := range function.All() {
		e := entry{Name: f.Name, Title: f.Title, Summary: f.Summary, Definition: f.Definition, Schema: f.Schema()}
		for _, m := range f.Methods {
			e.Methods = append(e.Methods, m.Name)
		}
		for _, x := range f.Examples {
			e.Examples = append(e.Examples, example{x.Args, x.Note})
		}
		entries = append(entries, e)
	}
	encoder := json.NewEncoder(std.Out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(entries); err != nil {
		return fmt.Errorf("print the catalogue: %w", err)
	}
	return nil
}
