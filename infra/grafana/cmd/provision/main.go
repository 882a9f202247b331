// Command provision writes Grafana's dashboards and alert rules into the folder that it is given.
package main

import (
	"errors"
	"fmt"
	"os"

	"numbermill/infra/grafana/source"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: provision FOLDER")
	}
	return source.Write(args[0])
}
