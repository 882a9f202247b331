package grafana_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"numbermill/e2e/internal/grafana"
)

// root is the top of the tree.
var root = filepath.Join("..", "..", "..")

func read(t *testing.T) (map[string]grafana.Dashboard, grafana.Provisioning) {
	t.Helper()
	dashboards, err := grafana.ReadDashboards(filepath.Join(root, "infra", "grafana", "dashboards"))
	if err != nil {
		t.Fatal(err)
	}
	provisioning, err := grafana.ReadProvisioning(filepath.Join(root, "infra", "grafana", "provisioning"))
	if err != nil {
		t.Fatal(err)
	}
	return dashboards, provisioning
}

// Every panel asks something, of a data source that there is, and says what it answers.
func TestPanels(t *testing.T) {
	t.Parallel()
	dashboards, provisioning := read(t)
	sources, all := provisioning.SourcesByUID(), 0
	for uid, dashboard := range dashboards {
		ids, titles := map[int]bool{}, map[string]bool{}
		for _, panel := range dashboard.Panels {
			name := uid + " / " + panel.Title
			all++
			if ids[panel.ID] || titles[panel.Title] || panel.ID == 0 {
				t.Errorf("%s: id %d or its title is another's, too", name, panel.ID)
			}
			ids[panel.ID], titles[panel.Title] = true, true
			if panel.Type == "row" || panel.Type == "text" || len(panel.Targets) == 0 || len(panel.Description) < 20 {
				t.Errorf("%s asks nothing, or does not say what it answers", name)
			}
			if _, known := sources[panel.Datasource.UID]; !known {
				t.Errorf("%s: there is no data source %q", name, panel.Datasource.UID)
			}
			for _, target := range panel.Targets {
				_, known := sources[target.Datasource.UID]
				if !known && target.Datasource.UID != "__expr__" {
					t.Errorf("%s: there is no data source %q", name, target.Datasource.UID)
				}
				for _, metric := range target.Metrics {
					if !regexp.MustCompile(`^\d+$`).MatchString(metric.ID) {
						t.Errorf("%s: terms cannot be ordered by metric %q", name, metric.ID)
					}
				}
			}
		}
		if len(dashboard.Links) < 2 || len(dashboard.Annotations.List) == 0 {
			t.Errorf("%s has no link to the others and to Kibana, or no annotations", uid)
		}
		for _, annotation := range dashboard.Annotations.List {
			if _, known := sources[annotation.Datasource.UID]; !known || annotation.TextField == "" {
				t.Errorf("%s: annotation %s has no data source, or would show its tags for a text", uid, annotation.Name)
			}
		}
	}
	if all < 25 {
		t.Errorf("got %d panels, want 25 or more", all)
	}
}

// Where a panel shows traces it leads to them.
func TestPanelsLeadToTraces(t *testing.T) {
	t.Parallel()
	dashboards, _ := read(t)
	linked := 0
	for uid, dashboard := range dashboards {
		for _, panel := range dashboard.Panels {
			shows, leads := panel.Type == "logs", false
			for _, transformation := range panel.Transformations {
				shows = shows || strings.Contains(string(transformation.Options), `"trace.id"`)
			}
			for _, override := range panel.FieldConfig.Overrides {
				for _, property := range override.Properties {
					url := string(property.Value)
					leads = leads || override.Matcher.Options == "trace.id" && property.ID == "links" &&
						strings.Contains(url, ":5601/app/apm/link-to/trace/${__value.raw}")
				}
			}
			if shows != leads {
				t.Errorf("%s / %s: shows traces: %t, leads to them: %t", uid, panel.Title, shows, leads)
			}
			if leads {
				linked++
			}
		}
	}
	if linked < 5 {
		t.Errorf("got %d panels that lead to traces, want 5 or more", linked)
	}
}

// Every variable that a query names is there, and the other way round.
func TestVariables(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "infra", "grafana", "dashboards", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("got no dashboards: %v", err)
	}
	used := regexp.MustCompile(`\$\{?([a-z]\w*)`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var dashboard grafana.Dashboard
		if err := json.Unmarshal(text, &dashboard); err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, variable := range dashboard.Templating.List {
			names[variable.Name] = true
		}
		found := map[string]bool{}
		for _, match := range used.FindAllStringSubmatch(string(text), -1) {
			found[match[1]] = true
			if !names[match[1]] {
				t.Errorf("%s uses $%s, which there is not", file, match[1])
			}
		}
		for name := range names {
			if !found[name] {
				t.Errorf("%s has a variable %s that nothing uses", file, name)
			}
		}
	}
}

// Rules are whole: their parts refer to each other, they lead to a panel and a runbook, they are sent to somebody.
func TestRules(t *testing.T) {
	t.Parallel()
	dashboards, provisioning := read(t)
	sources, uids := provisioning.SourcesByUID(), map[string]bool{}
	for _, rule := range provisioning.Rules() {
		if uids[rule.UID] || !strings.HasPrefix(rule.UID, "nb-") || len(rule.UID) > 40 {
			t.Errorf("%s: its uid %q is another's, or none", rule.Title, rule.UID)
		}
		uids[rule.UID] = true
		refs := map[string]bool{}
		for _, part := range rule.Data {
			checkPart(t, rule, part, sources, refs)
			refs[part.RefID] = true
		}
		if !refs[rule.Condition] {
			t.Errorf("%s: its condition %q is no part", rule.Title, rule.Condition)
		}
		if !slices.Contains([]string{"critical", "error", "warning"}, rule.Labels["severity"]) || !slices.Contains([]string{"OK", "Alerting"}, rule.NoDataState) ||
			rule.ExecErrState != "Error" {
			t.Errorf("%s: severity %q, no data %q, errors %q", rule.Title, rule.Labels["severity"], rule.NoDataState, rule.ExecErrState)
		}
		shown := slices.ContainsFunc(dashboards[rule.DashboardUID].Panels, func(panel grafana.Panel) bool { return panel.ID == rule.PanelID })
		if !shown || rule.Annotations["__dashboardUid__"] != rule.DashboardUID || rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" {
			t.Errorf("%s leads to no panel, or says nothing: %v", rule.Title, rule.Annotations)
		}
		page, ok := strings.CutPrefix(rule.Annotations["runbook_url"], "${NUMBERMILL_RUNBOOKS}/")
		text, err := os.ReadFile(filepath.Join(root, "docs", "runbooks", page))
		if !ok || err != nil || !strings.HasPrefix(string(text), "# "+rule.Title+"\n\nSeverity: "+rule.Labels["severity"]) {
			t.Errorf("%s: no runbook of that title and severity at %q: %v", rule.Title, rule.Annotations["runbook_url"], err)
		}
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs", "runbooks", "*-*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if name := strings.TrimSuffix(filepath.Base(page), ".md"); !uids["nb-"+name] {
			t.Errorf("the runbook %s is of no rule", name)
		}
	}
}

// checkPart: a query is in fixed steps of time, the innermost division, and an expression is over parts before it.
func checkPart(t *testing.T, rule grafana.Rule, part grafana.RuleQuery, sources map[string]grafana.Source, before map[string]bool) {
	t.Helper()
	if part.Model.RefID != part.RefID || part.Model.Datasource.UID != part.DatasourceUID || before[part.RefID] {
		t.Errorf("%s: part %s is called otherwise inside, or twice", rule.Title, part.RefID)
	}
	if part.DatasourceUID == "__expr__" {
		for _, match := range regexp.MustCompile(`\$(\w+)|^(\w+)$`).FindAllStringSubmatch(part.Model.Text, -1) {
			if !before[match[1]+match[2]] {
				t.Errorf("%s: part %s is over %q, which is not before it", rule.Title, part.RefID, match[0])
			}
		}
		if part.Model.Type == "math" && strings.Contains(part.Model.Text, "/") {
			t.Errorf("%s: part %s divides: by 0 that would fire", rule.Title, part.RefID)
		}
		return
	}
	buckets := part.Model.BucketAggs
	if _, known := sources[part.DatasourceUID]; !known || len(buckets) == 0 {
		t.Errorf("%s: part %s has no data source, or divides by nothing", rule.Title, part.RefID)
		return
	}
	last := buckets[len(buckets)-1]
	if last.Type != "date_histogram" || !regexp.MustCompile(`^\d+[ms]$`).MatchString(last.Settings.Interval) || part.Model.Alias != "" {
		t.Errorf("%s: part %s ends in %s of %q, or has an alias", rule.Title, part.RefID, last.Type, last.Settings.Interval)
	}
	if rule.NoDataState == "Alerting" && len(buckets) > 1 {
		t.Errorf("%s: of several series one that vanishes is no missing data", rule.Title)
	}
}

// Whoever is to be told is there, and told by severity.
func TestPolicies(t *testing.T) {
	t.Parallel()
	_, provisioning := read(t)
	contacts := map[string]string{}
	for _, contact := range provisioning.Contacts {
		for _, receiver := range contact.Receivers {
			contacts[contact.Name] = receiver.Type
		}
	}
	if contacts["pagerduty"] != "pagerduty" || contacts["webhook"] != "webhook" || contacts["email"] != "email" || len(provisioning.Policies) != 1 {
		t.Fatalf("contact points %v, %d policies", contacts, len(provisioning.Policies))
	}
	tree := provisioning.Policies[0].Route
	for severity, want := range map[string]string{"critical": "pagerduty", "error": "pagerduty", "warning": "webhook"} {
		if got := receiver(t, tree, map[string]string{"severity": severity}); got != want {
			t.Errorf("%s goes to %s, want %s", severity, got, want)
		}
	}
	if got := receiver(t, tree, map[string]string{"severity": "warning", "notify": "email"}); got != "email" {
		t.Errorf("what is labelled for mail goes to %s", got)
	}
}

// receiver is who gets what has these labels: the first route that matches.
func receiver(t *testing.T, route grafana.Route, labels map[string]string) string {
	t.Helper()
	for _, inner := range route.Routes {
		matches := true
		for _, matcher := range inner.ObjectMatchers {
			pattern := "^(?:" + matcher[2] + ")$"
			if matcher[1] == "=" {
				pattern = "^" + regexp.QuoteMeta(matcher[2]) + "$"
			}
			matches = matches && regexp.MustCompile(pattern).MatchString(labels[matcher[0]])
		}
		if matches {
			return receiver(t, inner, labels)
		}
	}
	return route.Receiver
}

// A dollar means a variable of the environment to Grafana, but for queries and templates: nothing else may begin with one.
func TestDollars(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "infra", "grafana", "provisioning", "*", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("got no provisioning: %v", err)
	}
	known := regexp.MustCompile(`\$\{(ELASTICSEARCH_URL|GRAFANA_ES_PASSWORD|PAGERDUTY_INTEGRATION_KEY|ALERT_WEBHOOK_URL|ALERT_EMAIL|NUMBERMILL_RUNBOOKS)\}`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			query := strings.HasPrefix(strings.TrimSpace(line), "expression:") || strings.HasPrefix(line, "#")
			if rest := known.ReplaceAllString(line, ""); strings.Contains(rest, "$") && !query {
				t.Errorf("%s:%d: %s", filepath.Base(file), i+1, strings.TrimSpace(line))
			}
		}
	}
}
