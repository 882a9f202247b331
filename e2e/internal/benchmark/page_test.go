package benchmark

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWritePart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), Page)
	for _, part := range [][2]string{{"one", "first\n"}, {"two", "## second\n\ntext"}, {"one", "\nfirst again\n"}} {
		if err := WritePart(path, part[0], part[1]); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = `# Benchmarks

<!-- begin one: written by make one, do not edit by hand -->

first again

<!-- end one -->

<!-- begin two: written by make two, do not edit by hand -->

## second

text

<!-- end two -->
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBrokenMarks(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"<!-- begin one: written by make one, do not edit by hand -->\ntext\n", "text\n<!-- end one -->\n"} {
		if got, err := replacePart(page, "one", "new"); err == nil {
			t.Errorf("%q becomes %q, want an error", page, got)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	const want = "| a | b |\n| --- | ---: |\n| 1 | 2 |\n"
	if got := Table([]string{"a", "b"}, [][]string{{"1", "2"}}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
