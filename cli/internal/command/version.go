package command

import (
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"numbermill/cli/internal/version"
	"numbermill/shared/config"
)

func newVersion(std Streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print which build this is",
		Example: "  numbermill version\n  numbermill version --json",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			return printVersion(std, asJSON)
		},
	}
	config.Add(cmd.Flags(), &asJSON, "json", "print one JSON object", config.Switch())
	config.Document(cmd.Flags())
	return cmd
}

func printVersion(std Streams, asJSON bool) error {
	build := struct {
		Version  string `json:"version"`
		Go       string `json:"go"`
		Platform string `json:"platform"`
	}{version.String(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if asJSON {
		if err := json.NewEncoder(std.Out).Encode(build); err != nil {
			return fmt.Errorf("print the version: %w", err)
		}
		return nil
	}
	if _, err := fmt.Fprintf(std.Out, "numbermill %s (%s, %s)\n", build.Version, build.Go, build.Platform); err != nil {
		return fmt.Errorf("print the version: %w", err)
	}
	return nil
}
