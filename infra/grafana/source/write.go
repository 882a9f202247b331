// Package source is Grafana's dashboards and alert rules as code: one file a dashboard, from which the JSON and YAML beside this folder come that
// Grafana reads. What it writes is committed; `make generate` writes it anew.
package source

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

//go:generate go run ../cmd/provision ..

// dashboards are all there are, by the names of their files.
func dashboards() map[string]Dashboard {
	return map[string]Dashboard{
		"levels": levels(), "traffic": traffic(), "services": services(), "queues": queues(),
		"logs": logs(), "uptime": uptime(), "anomalies": anomalies(),
	}
}

// Write puts everything under the folder grafana, and takes away the dashboards that are no more.
func Write(grafana string) error {
	old, err := filepath.Glob(filepath.Join(grafana, "dashboards", "*.json"))
	if err != nil {
		return fmt.Errorf("find dashboards: %w", err)
	}
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("remove a dashboard: %w", err)
		}
	}
	for name, dashboard := range dashboards() {
		text, err := json.MarshalIndent(dashboard, "", "  ")
		if err != nil {
			return fmt.Errorf("write dashboard %s: %w", name, err)
		}
		if err := put(filepath.Join(grafana, "dashboards", name+".json"), append(text, '\n')); err != nil {
			return err
		}
	}
	return put(filepath.Join(grafana, "provisioning", "alerting", "rules.gen.yaml"), yamlOf(allRules()))
}

// put writes a file for all to read: Grafana runs as a user of its own.
func put(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // as Git makes it
		return fmt.Errorf("make the folder of %s: %w", file, err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil { //nolint:gosec // as Git makes it
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
