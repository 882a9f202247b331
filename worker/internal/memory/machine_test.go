package memory

import (
	"testing"
	"testing/fstest"
)

func TestAvailable(t *testing.T) {
	t.Parallel()
	const meminfo = "MemTotal:        8000000 kB\nMemFree:         1 kB\n"
	const all, mib = 8_000_000 << 10, 1 << 20
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"a machine that does not tell": {nil, unknown},
		"no groups":                    {map[string]string{"proc/meminfo": meminfo}, all},
		"a group without a limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n",
		}, all},
		"a container": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "536870912\n",
		}, 512 * mib},
		"a container that is told the host's path": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/docker/1234\n", "sys/fs/cgroup/memory.max": "536870912\n",
		}, 512 * mib},
		"a service in a slice with less": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/system.slice/mill.service\n",
			"sys/fs/cgroup/system.slice/memory.max":              "1048576\n",
			"sys/fs/cgroup/system.slice/mill.service/memory.max": "2097152\n",
		}, mib},
		"a limit above what there is": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "99999999999999\n",
		}, all},
		"version 1": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "5:cpu,cpuacct:/\n4:memory:/docker/1234\n1:name=systemd:/\n0::/\n",
			"sys/fs/cgroup/memory/docker/1234/memory.limit_in_bytes": "1048576\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":             "9223372036854771712\n",
		}, mib},
		"nonsense": {map[string]string{
			"proc/meminfo": "MemTotal: much\n", "proc/self/cgroup": "0:/\n::\n", "sys/fs/cgroup/memory.max": "-1\n",
		}, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := fstest.MapFS{}
			for path, text := range c.files {
				root[path] = &fstest.MapFile{Data: []byte(text)}
			}
			if got := available(root); got != c.want {
				t.Errorf("got %d bytes, want %d", got, c.want)
			}
		})
	}
}

func TestDefaultIsAPartOfTheMachine(t *testing.T) {
	t.Parallel()
	if got := Default(); got < 1<<20 || got > 1<<50 {
		t.Errorf("got %d bytes", got)
	}
}
