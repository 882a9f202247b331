// Command objects writes the saved objects of Kibana to the file that it is given.
package main

import (
	"errors"
	"fmt"
	"os"

	"numbermill/infra/kibana/source"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: objects FILE")
	}
	objects, err := source.Objects()
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], objects, 0o644) //nolint:gosec // a file of the tree, which everybody may read
}
