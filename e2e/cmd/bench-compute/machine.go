package main

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

// machine is what the times depend on. What the system does not tell is empty or 0.
type machine struct {
	processor string
	count     int
	memory    int64
	system    string
	kernels   string // our inner loops on this processor
	load      string // the averages over 1, 5 and 15 minutes
	busy      ticks
}

// ticks is what all processors have done since the machine started, in hundredths of a second.
type ticks struct{ used, stolen, all float64 }

// look describes the machine at this moment.
func look(ctx context.Context) machine {
	m := machine{
		processor: runtime.GOARCH, count: runtime.NumCPU(), system: runtime.GOOS + "/" + runtime.GOARCH,
		kernels: bignum.New(bignum.Config{}).Kernels(),
		memory:  memoryOf(readText("/proc/meminfo"), "MemTotal"),
		load:    strings.Join(firstFields(readText("/proc/loadavg"), 3), ", "),
		busy:    parseTicks(readText("/proc/stat")),
	}
	if name := processorName(readText("/proc/cpuinfo")); name != "" {
		m.processor = name
	} else if out, err := exec.CommandContext(ctx, "sysctl", "-n", "machdep.cpu.brand_string").Output(); err == nil {
		m.processor = strings.TrimSpace(string(out))
	}
	if name := valueOf(readText("/etc/os-release"), "PRETTY_NAME", "="); name != "" {
		m.system = strings.Trim(name, `"`) + ", " + m.system
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

// availableMemory is what could be used now without swapping, or 0 where the system does not tell.
func availableMemory() int64 { return memoryOf(readText("/proc/meminfo"), "MemAvailable") }

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

// load tells what else the machine did during the measurements.
type load struct {
	before, after  string
	others, stolen float64 // share of all processors that other processes used, and that the host gave to other machines
	known          bool
}

// compareLoad compares two looks, between which processes of ours used so many seconds of processors.
func compareLoad(before, after machine, spent float64) load {
	l := load{before: before.load, after: after.load}
	all := after.busy.all - before.busy.all
	if all <= 0 {
		return l
	}
	const ticksPerSecond = 100
	l.known = true
	l.others = max(after.busy.used-before.busy.used-spent*ticksPerSecond, 0) / all
	l.stolen = (after.busy.stolen - before.busy.stolen) / all
	return l
}
