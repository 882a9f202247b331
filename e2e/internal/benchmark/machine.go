package benchmark

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"numbermill/shared/bignum"
)

// Machine is what the times depend on. What the system does not tell is empty or 0.
type Machine struct {
	Processor string
	Count     int    // of processors
	Memory    int64  // in bytes
	System    string // and its version
	Kernels   string // our inner loops on this processor
	Load      string // the averages over 1, 5 and 15 minutes

	busy ticks
}

// ticks is what all processors have done since the machine started, in hundredths of a second.
type ticks struct{ used, stolen, all float64 }

// Look describes the machine at this moment.
func Look(ctx context.Context) Machine {
	m := Machine{
		Processor: runtime.GOARCH, Count: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Kernels: bignum.New(bignum.Config{}).Kernels(),
		Memory:  memoryOf(readText("/proc/meminfo"), "MemTotal"),
		Load:    strings.Join(firstFields(readText("/proc/loadavg"), 3), ", "),
		busy:    parseTicks(readText("/proc/stat")),
	}
	if name := processorName(readText("/proc/cpuinfo")); name != "" {
		m.Processor = name
	} else if out, err := exec.CommandContext(ctx, "sysctl", "-n", "machdep.cpu.brand_string").Output(); err == nil {
		m.Processor = strings.TrimSpace(string(out))
	}
	if name := valueOf(readText("/etc/os-release"), "PRETTY_NAME", "="); name != "" {
		m.System = strings.Trim(name, `"`) + ", " + m.System
	}
	return m
}

// readText returns the text of one of the system's files, or nothing where there is none.
func readText(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}

// valueOf returns what follows a name in the first line that begins with it.
func valueOf(text, name, separator string) string {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, separator)
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// processorName names the processor by what /proc/cpuinfo says of the first. In a virtual machine its name alone may say little.
func processorName(cpuinfo string) string {
	name := valueOf(cpuinfo, "model name", ":")
	family, model := valueOf(cpuinfo, "cpu family", ":"), valueOf(cpuinfo, "model", ":")
	if name == "" || family == "" || model == "" {
		return name
	}
	return fmt.Sprintf("%s (family %s, model %s)", name, family, model)
}

// memoryOf reads an amount in kB out of /proc/meminfo, in bytes.
func memoryOf(meminfo, name string) int64 {
	kilobytes, err := strconv.ParseInt(strings.TrimSuffix(valueOf(meminfo, name, ":"), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}

// AvailableMemory is what could be used now without swapping, or 0 where the system does not tell.
func AvailableMemory() int64 { return memoryOf(readText("/proc/meminfo"), "MemAvailable") }

func firstFields(text string, count int) []string {
	fields := strings.Fields(text)
	return fields[:min(count, len(fields))]
}

// parseTicks reads the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq and steal.
func parseTicks(stat string) ticks {
	var t ticks
	for i, field := range firstFields(valueOf(stat, "cpu", " "), 8) {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return ticks{}
		}
		t.all += n
		switch i {
		case 3, 4: // idle
		case 7:
			t.stolen += n
		default:
			t.used += n
		}
	}
	return t
}

// Load tells what else the machine did during the measurements.
type Load struct {
	Before, After  string  // the averages
	Others, Stolen float64 // share of all processors that other processes used, and that the host gave to other machines
	Known          bool    // whether the system tells
}

// CompareLoad compares two looks, between which processes of ours used so many seconds of processors.
func CompareLoad(before, after Machine, spent float64) Load {
	l := Load{Before: before.Load, After: after.Load}
	all := after.busy.all - before.busy.all
	if all <= 0 {
		return l
	}
	const ticksPerSecond = 100
	l.Known = true
	l.Others = max(after.busy.used-before.busy.used-spent*ticksPerSecond, 0) / all
	l.Stolen = (after.busy.stolen - before.busy.stolen) / all
	return l
}
