package memory

import (
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

const (
	// share is the part of a machine's memory that is a worker's by default.
	share = 0.6
	// unknown stands for the memory of a machine that does not tell.
	unknown = 4 << 30
)

// Default is 60 % of what this machine or the control group of this process has, in bytes.
func Default() int64 { return int64(share * float64(available(os.DirFS("/")))) }

// available is the memory of the machine with that file system, or the least limit of a control group around this process, in bytes.
func available(root fs.FS) int64 {
	least := int64(math.MaxInt64)
	for _, bytes := range append(groupLimits(root), total(root)) {
		if bytes > 0 {
			least = min(least, bytes)
		}
	}
	if least == math.MaxInt64 {
		return unknown
	}
	return least
}

// total is MemTotal of /proc/meminfo, or 0.
func total(root fs.FS) int64 {
	for line := range strings.Lines(read(root, "proc/meminfo")) {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err == nil {
				return kib << 10
			}
		}
	}
	return 0
}

// groupLimits are the limits of the control groups that /proc/self/cgroup names and of those around them, in both versions of the
// interface. In a container the path is often the host's, but the own group is at the top.
func groupLimits(root fs.FS) (limits []int64) {
	for line := range strings.Lines(read(root, "proc/self/cgroup")) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		folder, file := "sys/fs/cgroup", "memory.max"
		switch {
		case parts[1] == "" && parts[0] == "0":
		case strings.Contains(","+parts[1]+",", ",memory,"):
			folder, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		default:
			continue
		}
		for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
			if bytes, err := strconv.ParseInt(strings.TrimSpace(read(root, path.Join(folder, group, file))), 10, 64); err == nil {
				limits = append(limits, bytes)
			}
			if group == "/" {
				break
			}
		}
	}
	return limits
}

// read returns the text of a file, "" if it cannot be read.
func read(root fs.FS, name string) string {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return string(text)
}
