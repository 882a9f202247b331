// Package version knows which build of Numbermill this is.
package version

import (
	"runtime/debug"
	"strings"
)

// version is set by the linker: -X numbermill/cli/internal/version.version=v1.2.3.
var version string

// String returns the version that the build was given, else the commit that Go recorded, else "devel".
func String() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return fromBuild(info)
}

func fromBuild(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	settings := make(map[string]string, len(info.Settings))
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if commit == "" {
		return "devel"
	}
	parts := []string{"devel", commit[:min(12, len(commit))]}
	if settings["vcs.modified"] == "true" {
		parts = append(parts, "dirty")
	}
	return strings.Join(parts, "-")
}
