//go:build linux || darwin || freebsd

package result

import "syscall"

// diskUsed returns which share of the file system of a folder is used, of what is there for those who are not root, as df has it.
func diskUsed(dir string) (share float64, known bool) {
	var system syscall.Statfs_t
	if err := syscall.Statfs(dir, &system); err != nil {
		return 0, false
	}
	used, free := float64(system.Blocks)-float64(system.Bfree), float64(system.Bavail)
	if used+free <= 0 {
		return 0, false
	}
	return used / (used + free), true
}
