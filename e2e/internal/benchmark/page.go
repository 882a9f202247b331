// Package benchmark is what the programs share that measure Numbermill: on which machine, and the page that tells.
package benchmark

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Page is the file name of the page that all benchmarks write, each its part.
const Page = "benchmarks.md"

// title begins a page that is not there yet.
const title = "# Benchmarks\n"

// WritePart puts the part of one benchmark, named as its make target is, into the page at path. It leaves all others as they are.
func WritePart(path, name, text string) error {
	page, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the page of benchmarks: %w", err)
	}
	whole, err := replacePart(string(page), name, text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.WriteFile(path, []byte(whole), 0o644); err != nil {
		return fmt.Errorf("write the page of benchmarks: %w", err)
	}
	return nil
}

// replacePart returns a page with another part of that name, at the end if it had none.
func replacePart(page, name, text string) (string, error) {
	begin := fmt.Sprintf("<!-- begin %s: written by make %s, do not edit by hand -->\n", name, name)
	end := fmt.Sprintf("<!-- end %s -->\n", name)
	part := begin + "\n" + strings.Trim(text, "\n") + "\n\n" + end
	before, rest, begun := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	switch {
	case begun && ended:
		return before + part + after, nil
	case begun || strings.Contains(page, end):
		return "", fmt.Errorf("the marks around the part of %s are broken; restore them or remove both", name)
	case page == "":
		page = title
	}
	return strings.TrimRight(page, "\n") + "\n\n" + part, nil
}

// Table writes a Markdown table. Columns after the first are aligned to the right.
func Table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(head)
	rule := []string{"---"}
	for range head[1:] {
		rule = append(rule, "---:")
	}
	line(rule)
	for _, row := range rows {
		line(row)
	}
	return b.String()
}
