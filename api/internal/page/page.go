// Package page makes the pages that are for people but need no web app: what a problem means, and the reference of the API. They are HTML
// and one stylesheet, without scripts of their own, so that they work under the strictest content security policy and in any browser.
// See docs/decisions/0071.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
)

//go:embed template/*.html
var files embed.FS

//go:embed style.css
var style []byte

// StylePath is where the pages expect their stylesheet.
const StylePath = "/docs/style.css"

// ContentPolicy is the Content-Security-Policy under which the pages work. The only script is the web app's own, which sets the theme
// that a person has chosen there.
const ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Style is the stylesheet. The caller must not change it.
func Style() []byte { return style }

// Frame is what stands around every page.
type Frame struct {
	// Title is the page's own.
	Title string
	// App tells whether the web app is served here as well, to lead to.
	App bool
}

// StylePath is where the stylesheet is, for the templates.
func (Frame) StylePath() string { return StylePath }

var templates = template.Must(template.New("").Funcs(template.FuncMap{"prose": prose}).ParseFS(files, "template/*.html"))

// render makes one page.
func render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("make the page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// Problem is a problem type as its page explains it.
type Problem struct {
	Name, Title     string
	Status          int
	StatusText      string
	Meaning, Advice string
}

// ProblemPage explains one problem.
func ProblemPage(p Problem, app bool) ([]byte, error) {
	return render("problem.html", struct {
		Frame
		Problem Problem
	}{Frame{p.Title, app}, p})
}

// ProblemIndex lists all problems. With a name it is the page of a problem that there is not.
func ProblemIndex(all []Problem, missing string, app bool) ([]byte, error) {
	title := "Problems"
	if missing != "" {
		title = "There is no such problem"
	}
	return render("problems.html", struct {
		Frame
		Problems []Problem
		Missing  string
	}{Frame{title, app}, all, missing})
}
