package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
)

// The ids of the engines.
const (
	ours     = "numbermill"
	ours2    = "numbermill-2"
	portable = "numbermill-portable"
	gmpy2    = "gmpy2"
	pari     = "pari"
	mathBig  = "mathbig"
	python   = "python"
)

// programs are the paths of what is run.
type programs struct {
	numbermill, mathBig, python, gp string
	peers                           string // folder of peer.py and peer.gp
}

// engine computes a task in a process of its own.
type engine struct {
	id      string
	title   string
	version string // known once it has been probed
	remedy  string // how a person gets it
	mine    bool   // one of ours, which must run

	asks    program                                   // for the version
	program func(t task, file string) program         // that computes t into the file
	phases  func(stdout, stderr []byte) (told, error) // what the program tells of itself
}

// program is a command line and what it finds in its environment besides PATH, HOME and TMPDIR.
type program struct {
	path      string
	arguments []string
	variables []string
}

// told is what a process says of itself.
type told struct {
	version string
	compute phase
	decimal phase // ours: with writing, since digits are made while they are written
	check   phase // ours alone
}

// phase is the time that a part of the work took, in seconds.
type phase struct{ wall, cpu float64 }

func (p phase) plus(q phase) phase { return phase{p.wall + q.wall, p.cpu + q.cpu} }

// engines lists all of them, ours first.
func engines(p programs) []engine {
	return []engine{
		numbermill(ours, "Numbermill, 1 thread", p.numbermill, "--threads", "1"),
		numbermill(ours2, "Numbermill, 2 threads", p.numbermill, "--threads", "2"),
		numbermill(portable, "Numbermill, 1 thread, portable", p.numbermill, "--threads", "1", "--kernels", "portable"),
		pythonic(gmpy2, "GMP through gmpy2", "python3 with venv and pip, and a network for the first run", p),
		{
			id: pari, title: "PARI/GP", remedy: "sudo apt-get install pari-gp, or brew install pari",
			asks:    gp(p, task{function: "-"}, ""),
			program: func(t task, file string) program { return gp(p, t, file) },
			phases:  peerPhases,
		},
		peer(mathBig, "Go's math/big", "make bench-compute builds it", p.mathBig),
		pythonic(python, "Python's int", "python3", p),
	}
}

// numbermill is the real command with some flags.
func numbermill(id, title, path string, flags ...string) engine {
	return engine{
		id: id, title: title, mine: true, remedy: "make build",
		asks: program{path: path, arguments: []string{"version"}},
		program: func(t task, file string) program {
			arguments := []string{"compute", t.function, "n=" + strconv.FormatInt(t.n, 10), "--json", "-o", file}
			if t.function == "ackermann" {
				arguments = append(arguments, "m=3")
			}
			return program{path: path, arguments: append(arguments, flags...)}
		},
		phases: ownPhases,
	}
}

// peer is a program that is called with FUNCTION, N and FILE, after some arguments of its own.
func peer(id, title, remedy, path string, first ...string) engine {
	call := func(words ...string) program {
		return program{path: path, arguments: append(append([]string{}, first...), words...)}
	}
	return engine{
		id: id, title: title, remedy: remedy,
		asks:    call("-", "0", ""),
		program: func(t task, file string) program { return call(t.function, strconv.FormatInt(t.n, 10), file) },
		phases:  peerPhases,
	}
}

// pythonic is one of the two engines of peer.py. -I keeps what a person has set up for Python out of it.
func pythonic(id, title, remedy string, p programs) engine {
	return peer(id, title, remedy, p.python, "-I", filepath.Join(p.peers, "peer.py"), id)
}

// gp calls peer.gp with a stack that is large enough; what is not touched of it is no memory.
func gp(p programs, t task, file string) program {
	return program{
		path:      p.gp,
		arguments: []string{"--quiet", "--fast", "--stacksize", "4G", filepath.Join(p.peers, "peer.gp")},
		variables: []string{"BENCH_FUNCTION=" + t.function, "BENCH_N=" + strconv.FormatInt(t.n, 10), "BENCH_FILE=" + file},
	}
}

// ownPhases reads the summary that --json writes to standard error, or the answer to version.
func ownPhases(stdout, stderr []byte) (told, error) {
	if len(bytes.TrimSpace(stderr)) == 0 {
		return told{version: string(bytes.TrimSpace(stdout))}, nil
	}
	type timing struct {
		Compute float64 `json:"compute"`
		Write   float64 `json:"write"`
		Verify  float64 `json:"verify"`
	}
	var summary struct {
		Wall timing `json:"timing_ms"`
		CPU  timing `json:"cpu_ms"`
	}
	if err := json.Unmarshal(stderr, &summary); err != nil {
		return told{}, fmt.Errorf("read the summary: %w", err)
	}
	return told{
		compute: phase{summary.Wall.Compute / 1000, summary.CPU.Compute / 1000},
		decimal: phase{summary.Wall.Write / 1000, summary.CPU.Write / 1000},
		check:   phase{summary.Wall.Verify / 1000, summary.CPU.Verify / 1000},
	}, nil
}

// peerPhases reads the line that a peer prints.
func peerPhases(stdout, _ []byte) (told, error) {
	type timing struct {
		Wall float64 `json:"wall_ms"`
		CPU  float64 `json:"cpu_ms"`
	}
	var line struct {
		Version string `json:"version"`
		Compute timing `json:"compute"`
		Decimal timing `json:"decimal"`
	}
	if err := json.Unmarshal(stdout, &line); err != nil {
		return told{}, fmt.Errorf("read what it printed: %w", err)
	}
	if line.Version == "" {
		return told{}, errors.New("it does not tell its version")
	}
	return told{
		version: line.Version,
		compute: phase{line.Compute.Wall / 1000, line.Compute.CPU / 1000},
		decimal: phase{line.Decimal.Wall / 1000, line.Decimal.CPU / 1000},
	}, nil
}
