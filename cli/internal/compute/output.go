package compute

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Output is a file that appears under its name only when it is complete.
type Output struct {
	file *os.File
	path string // where it will be; the same as the file's name if that is no regular file
}

// Create begins an output. Until Commit, path is left as it is, unless it is something other than a file, such as a pipe or a
// device: that is written to at once.
func Create(path string) (*Output, error) {
	// A symbolic link stays: what it points to is replaced.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%s is a folder", path)
	case err == nil && !info.Mode().IsRegular():
		file, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the person names it
		if err != nil {
			return nil, fmt.Errorf("open the output: %w", err)
		}
		return &Output{file, path}, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("look at the output: %w", err)
	}
	// os.CreateTemp would make it private; this is a file like any other.
	part := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8]+".part")
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // digits are no secret
	if err != nil {
		return nil, fmt.Errorf("make the output: %w", err)
	}
	return &Output{file, path}, nil
}

// Write adds to the file.
func (o *Output) Write(p []byte) (int, error) { return o.file.Write(p) }

// Commit gives the file its name.
func (o *Output) Commit() error {
	if err := o.file.Close(); err != nil {
		o.remove()
		return fmt.Errorf("finish the output: %w", err)
	}
	if !o.temporary() {
		return nil
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		o.remove()
		return fmt.Errorf("name the output: %w", err)
	}
	return nil
}

// Discard removes what was written, except from a pipe or a device.
func (o *Output) Discard() {
	_ = o.file.Close() // it goes anyway
	o.remove()
}

func (o *Output) remove() {
	if o.temporary() {
		_ = os.Remove(o.file.Name()) // at worst a .part file stays
	}
}

func (o *Output) temporary() bool { return o.file.Name() != o.path }
