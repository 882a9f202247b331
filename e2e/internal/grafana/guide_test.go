package grafana_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// mention is a dashboard with panels of it: "Traffic: *Requests by kind*, *Top hit routes*", the dashboard perhaps in italics as well.
	mention = regexp.MustCompile(`(?:^|[|;*] ?|\*)(Service levels|Traffic|Services|Queues and jobs|Logs|Uptime|Anomalies)\*?: ((?:\*[^*]+\*(?:, | and |; )?)+)`)
	italic  = regexp.MustCompile(`\*([^*]+)\*`)
)

// The guide and the runbooks send people to panels that there are.
func TestGuideNamesPanels(t *testing.T) {
	t.Parallel()
	dashboards, _ := read(t)
	titles := map[string][]string{}
	for _, dashboard := range dashboards {
		for _, panel := range dashboard.Panels {
			titles[dashboard.Title] = append(titles[dashboard.Title], panel.Title)
		}
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs", "runbooks", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, page := range append(pages, filepath.Join(root, "docs", "operations.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			for _, match := range mention.FindAllStringSubmatch(line, -1) {
				for _, title := range italic.FindAllStringSubmatch(match[2], -1) {
					found[match[1]] = true
					_, next := titles[title[1]] // the list goes on with another dashboard
					if !next && !slices.Contains(titles[match[1]], title[1]) {
						t.Errorf("%s: %s has no panel %q", filepath.Base(page), match[1], title[1])
					}
				}
			}
		}
	}
	if len(found) != len(dashboards) {
		t.Errorf("the guide and the runbooks name panels of %v alone", found)
	}
}
