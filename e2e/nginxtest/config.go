package nginxtest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// suffix is what the image's entry point cuts off the names of templates.
const suffix = ".template"

// variable is what stands for a value in a template.
var variable = regexp.MustCompile(`\$\{(NB_[A-Z_]+)\}`)

// Root returns the folder of the project, which has the go.work.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.work above the working folder: %w", fs.ErrNotExist)
		}
		dir = parent
	}
}

// install writes the configuration of infra/nginx into dir, as the entry point of nginx's image does into /etc/nginx. What the image has in
// /tmp goes to temp.
func install(dir, temp string, variables map[string]string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	source := filepath.Join(root, "infra", "nginx")
	main, err := os.ReadFile(filepath.Join(source, "nginx.conf"))
	if err != nil {
		return err
	}
	paths := strings.NewReplacer("/etc/nginx/", dir+"/", "/tmp", temp)
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(paths.Replace(string(main))), 0o600); err != nil {
		return err
	}
	templates := filepath.Join(source, "templates")
	return filepath.WalkDir(templates, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, suffix) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(templates, strings.TrimSuffix(path, suffix))
		if err != nil {
			return err
		}
		target := filepath.Join(dir, "conf.d", relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			return err
		}
		return os.WriteFile(target, []byte(substitute(string(text), variables)), 0o600)
	})
}

// substitute puts the values of variables in. One that is not defined stays as it is, as envsubst has it.
func substitute(text string, variables map[string]string) string {
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		if value, ok := variables[variable.FindStringSubmatch(found)[1]]; ok {
			return value
		}
		return found
	})
}

// servers is how an upstream of nginx names addresses: each twice, as infra/nginx/README.md has it.
func servers(addresses []string) string {
	var b strings.Builder
	for _, a := range addresses {
		fmt.Fprintf(&b, "server %s max_fails=1 fail_timeout=5s; ", a)
	}
	for _, a := range addresses {
		fmt.Fprintf(&b, "server %s backup max_fails=0; ", a)
	}
	return b.String()
}
