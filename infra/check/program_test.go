package check

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// program is what `numbermill COMMAND --help` tells: the flags of each command and the variables that set them.
type program struct {
	flags     map[string][]string // by command
	variables map[string][]string
}

var (
	helpFlag     = regexp.MustCompile(`(?m)^\s+(?:-[a-z], )?--([a-z-]+)`)
	helpVariable = regexp.MustCompile(`\b(NUMBERMILL_[A-Z_]+)\b`)
)

// binary is the program of scripts/test.sh, or one built here.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("NUMBERMILL_BIN"); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "numbermill-check-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "numbermill")
	build := exec.Command("go", "build", "-o", path, "./cli/cmd/numbermill")
	build.Dir = root
	build.Stderr = os.Stderr
	return path, build.Run()
})

var help = sync.OnceValues(func() (program, error) {
	all := program{map[string][]string{}, map[string][]string{}}
	path, err := binary()
	if err != nil {
		return all, err
	}
	for _, command := range []string{"api", "worker", "setup", "healthcheck"} {
		out, err := exec.Command(path, command, "--help").Output()
		if err != nil {
			return all, err
		}
		// The help wraps its lines, and never within a name.
		for _, m := range helpFlag.FindAllStringSubmatch(string(out), -1) {
			all.flags[command] = append(all.flags[command], m[1])
		}
		for _, m := range helpVariable.FindAllStringSubmatch(string(out), -1) {
			all.variables[command] = append(all.variables[command], m[1])
		}
	}
	return all, nil
})

func readProgram(tb testing.TB) program {
	tb.Helper()
	all, err := help()
	if err != nil {
		tb.Fatalf("ask the program for its flags: %v", err)
	}
	return program{maps.Clone(all.flags), maps.Clone(all.variables)}
}

// flags says that each flag and variable that compose gives numbermill is one.
func flags(s *stack) (p problems) {
	for _, name := range []string{"api", "worker", "setup", "setup-kibana"} {
		c := s.compose.Services[name]
		if len(c.Command) == 0 {
			p.add("%s has no command", name)
			continue
		}
		command := c.Command[0]
		for _, argument := range c.Command[1:] {
			flag, isFlag := strings.CutPrefix(argument, "--")
			flag, _, _ = strings.Cut(flag, "=")
			if isFlag && !slices.Contains(s.program.flags[command], flag) {
				p.add("numbermill %s has no flag --%s", command, flag)
			}
		}
		for variable := range c.Environment {
			if strings.HasPrefix(variable, "NUMBERMILL_") && !slices.Contains(s.program.variables[command], variable) {
				p.add("numbermill %s does not read %s", command, variable)
			}
		}
	}
	for _, test := range ownChecks(s) {
		if test[1] != "healthcheck" || len(s.program.flags["healthcheck"]) == 0 {
			p.add("%v is no command of numbermill", test)
		}
	}
	return p
}

// ownChecks are the health checks by the program itself.
func ownChecks(s *stack) (tests [][]string) {
	for _, name := range names(s.compose) {
		if h := s.compose.Services[name].HealthCheck; h != nil && len(h.Test) > 2 && h.Test[1] == "/numbermill" {
			tests = append(tests, h.Test[1:])
		}
	}
	return append(tests, s.docker.health)
}

// flagValue is what a command is told by a flag.
func flagValue(c types.ServiceConfig, flag string) string {
	for i, argument := range c.Command {
		if argument == flag && i+1 < len(c.Command) {
			return c.Command[i+1]
		}
	}
	return ""
}
