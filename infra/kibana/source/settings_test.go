package source_test

import (
	"encoding/json"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The settings name a data view and a dashboard that are imported before, and none that kibana.yml has fixed, which Kibana refuses to change.
func TestSettings(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../settings.json")
	if err != nil {
		t.Fatal(err)
	}
	settings := strictly[map[string]string](t, string(content))
	has := func(kind, id string) bool {
		for _, o := range export(t) {
			if o.Type == kind && o.ID == id {
				return true
			}
		}
		return false
	}
	if view := settings["defaultIndex"]; !has("index-pattern", view) {
		t.Errorf("the default data view is %q, which there is not", view)
	}
	if _, id, _ := strings.Cut(settings["defaultRoute"], "/app/dashboards#/view/"); !has("dashboard", id) {
		t.Errorf("Kibana opens with %q, which is no dashboard of ours", settings["defaultRoute"])
	}
	var times struct{ From, To string }
	if err := json.Unmarshal([]byte(settings["timepicker:timeDefaults"]), &times); err != nil || times.From == "" || times.To == "" {
		t.Errorf("the times to begin with are %q: %v", settings["timepicker:timeDefaults"], err)
	}
	if settings["observability:enableLegacyUptimeApp"] != "" {
		t.Error("kibana.yml decides whether the Uptime app is shown")
	}
}

// Every colour of a picture stands out against both of Kibana's backgrounds.
func TestColours(t *testing.T) {
	t.Parallel()
	colours := map[string]bool{}
	for _, p := range pictures(t, export(t)) {
		for _, colour := range regexp.MustCompile(`#[0-9A-Fa-f]{6}\b`).FindAllString(p.spec, -1) {
			colours[colour] = true
		}
	}
	if len(colours) < 5 {
		t.Errorf("%d colours were found, want more", len(colours))
	}
	for colour := range colours {
		for _, background := range []string{"#FFFFFF", "#1D1E24"} {
			if c := contrast(t, colour, background); c < 3 {
				t.Errorf("%s has a contrast of %.2f on %s, want 3", colour, c, background)
			}
		}
	}
}

// contrast is that of two colours as WCAG has it.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		part := float64(n) / 255
		if part <= 0.04045 {
			sum += weight * part / 12.92
			continue
		}
		sum += weight * math.Pow((part+0.055)/1.055, 2.4)
	}
	return sum
}
