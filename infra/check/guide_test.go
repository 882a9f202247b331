package check

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// guide is what docs/operations.md and the things it names are called.
type guide struct {
	text    string
	grafana map[string][]string // titles of panels by dashboard
	kibana  []string            // titles of everything that Kibana shows
	targets []string            // of make
}

func readGuide(s *stack) (g guide, err error) {
	g = guide{text: s.guide, grafana: map[string][]string{}}
	for _, text := range s.grafana.dashboards {
		var d struct {
			Title  string `json:"title"`
			Panels []struct {
				Title string `json:"title"`
			} `json:"panels"`
		}
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return g, err
		}
		for _, panel := range d.Panels {
			g.grafana[d.Title] = append(g.grafana[d.Title], panel.Title)
		}
	}
	for line := range strings.Lines(textOf("infra/kibana/objects.gen.ndjson")) {
		var object struct {
			Attributes struct {
				Title, Name string
			} `json:"attributes"`
		}
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			return g, err
		}
		g.kibana = append(g.kibana, object.Attributes.Title, object.Attributes.Name)
	}
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):.*## `).FindAllStringSubmatch(textOf("Makefile"), -1) {
		g.targets = append(g.targets, m[1])
	}
	return g, nil
}

var (
	emphasis   = regexp.MustCompile(`\*([^*]+)\*`)
	makeTarget = regexp.MustCompile("(?m)(?:^|`)make ([a-z-]+)")
	tableRow   = regexp.MustCompile(`(?m)^\| (.*) \|$`)
)

// guides says that the guide names what there is: dashboards, panels, targets of make, services.
func guides(s *stack) (p problems) {
	g, err := readGuide(s)
	if err != nil {
		return problems{err.Error()}
	}
	named := map[string]bool{}
	for _, row := range tableRow.FindAllStringSubmatch(g.text, -1) {
		cells := strings.Split(row[1], " | ")
		if len(cells) != 4 || cells[0] == "question" {
			continue
		}
		dashboard, panels, found := strings.Cut(cells[1], ": ")
		if found {
			named[dashboard] = true
			for _, panel := range inEmphasis(panels) {
				if !slices.Contains(g.grafana[dashboard], panel) {
					p.add("Grafana's dashboard %q has no panel %q", dashboard, panel)
				}
			}
		}
		for _, title := range inEmphasis(cells[2]) {
			if title != "Logs" && !slices.Contains(g.kibana, title) { // a tab of the APM app
				p.add("Kibana shows nothing that is called %q", title)
			}
		}
	}
	for title := range g.grafana {
		if !named[title] {
			p.add("it does not say what the dashboard %q answers", title)
		}
	}
	for _, m := range makeTarget.FindAllStringSubmatch(g.text, -1) {
		if !slices.Contains(g.targets, m[1]) {
			p.add("there is no make %s", m[1])
		}
	}
	for _, name := range names(s.compose) {
		if !strings.Contains(g.text, name) {
			p.add("it does not tell of the service %s", name)
		}
	}
	return p
}

func inEmphasis(text string) (words []string) {
	for _, m := range emphasis.FindAllStringSubmatch(text, -1) {
		words = append(words, m[1])
	}
	return words
}
