package page

import (
	"html/template"
	"regexp"
	"strings"
)

var (
	numbered = regexp.MustCompile(`^\d+\. `)
	quoted   = regexp.MustCompile("`([^`]+)`")
)

// prose turns the descriptions of the document into HTML: paragraphs, lists and code between backticks, which is all that they use.
func prose(text string) template.HTML {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		lines := strings.Split(paragraph, "\n")
		switch {
		case numbered.MatchString(lines[0]):
			list(&b, "ol", lines, func(line string) (string, bool) {
				mark := numbered.FindString(line)
				return line[len(mark):], mark != ""
			})
		case strings.HasPrefix(lines[0], "- "):
			list(&b, "ul", lines, func(line string) (string, bool) { return strings.CutPrefix(line, "- ") })
		case paragraph != "":
			b.WriteString("<p>" + inline(paragraph) + "</p>")
		}
	}
	return template.HTML(b.String()) //nolint:gosec // inline has escaped it
}

// list writes items; a line without a mark goes on with the item before.
func list(b *strings.Builder, element string, lines []string, cut func(string) (string, bool)) {
	b.WriteString("<" + element + ">")
	open := ""
	for _, line := range lines {
		if item, begins := cut(line); begins {
			b.WriteString(open + "<li>" + inline(item))
			open = "</li>"
		} else {
			b.WriteString(" " + inline(strings.TrimSpace(line)))
		}
	}
	b.WriteString(open + "</" + element + ">")
}

func inline(text string) string {
	return quoted.ReplaceAllString(template.HTMLEscapeString(text), "<code>$1</code>")
}
