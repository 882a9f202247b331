// Package command is the command line of numbermill: one file a command.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"numbermill/cli/internal/failure"
	"numbermill/cli/internal/version"
	"numbermill/shared/config"
)

// Streams are what a command writes to.
type Streams struct {
	Out io.Writer // results
	Err io.Writer // logs, summaries and errors
}

// Main runs the command line until it is done or ctx ends, and returns the exit code of the process.
func Main(ctx context.Context, arguments []string, std Streams) int {
	root := newRoot(std) //nolint:contextcheck // cobra hands the context to the command that runs
	root.SetArgs(arguments)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	return failure.Report(std.Err, root.ExecuteContext(ctx))
}

func newRoot(std Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "numbermill COMMAND",
		Short: "Compute very large numbers, exactly, here or on a queue of workers",
		Example: `  numbermill up                                    the web page, the API and a worker, in one process
  numbermill compute fibonacci n=1000000 -o f.txt  one number, without any of these
  numbermill functions                             what can be computed`,
		Version:           version.String(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              cobra.ArbitraryArgs,
		RunE:              unknownCommand,
		PersistentPreRunE: loadSettings,
	}
	root.AddCommand(newUp(std), newAPI(std), newWorker(std), newCompute(std), newFunctions(std), newSetup(std), newHealthcheck(), newVersion(std))
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return failure.Usage(config.Explain(err), seeHelp(cmd))
	})
	root.SetHelpTemplate(helpTemplate)
	root.SetVersionTemplate("numbermill {{.Version}}\n")
	root.InitDefaultCompletionCmd()
	return root
}

// helpTemplate begins with what one would type.
const helpTemplate = `{{with or .Long .Short}}{{. | trimTrailingWhitespaces}}{{end}}
{{if .HasExample}}
Examples:
{{.Example}}
{{end}}
Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND [flags]{{else}}{{.UseLine}}{{end}}
{{if .HasAvailableSubCommands}}
Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsagesWrapped 110 | trimTrailingWhitespaces}}
{{end}}{{if .HasAvailableSubCommands}}
"{{.CommandPath}} COMMAND --help" tells more about a command. Every flag can also be set by the
environment variable that stands behind it.
{{end}}`

// unknownCommand is what the root does: with nothing to do it helps.
func unknownCommand(cmd *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return cmd.Help()
	}
	hint := `"numbermill --help" lists the commands`
	if near := cmd.SuggestionsFor(arguments[0]); len(near) > 0 {
		hint = fmt.Sprintf("did you mean %q?", "numbermill "+near[0])
	}
	return failure.Usage(fmt.Errorf("there is no command %q", arguments[0]), hint)
}

// loadSettings fills the flags of the command that runs from the environment.
func loadSettings(cmd *cobra.Command, _ []string) error {
	if err := config.Load(cmd.Flags(), os.LookupEnv); err != nil {
		return failure.Usage(err, seeHelp(cmd))
	}
	return nil
}

// noArguments refuses arguments after the flags.
func noArguments(cmd *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return nil
	}
	return failure.Usage(fmt.Errorf("%s takes no arguments, and got %s", cmd.CommandPath(), strings.Join(arguments, " ")), seeHelp(cmd))
}

func seeHelp(cmd *cobra.Command) string { return fmt.Sprintf("see %q", cmd.CommandPath()+" --help") }

// interrupted replaces the error of a context that a signal has ended by words for a person.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return errors.New("interrupted")
	}
	return err
}
