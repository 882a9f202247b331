package check

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/docker/go-units"
)

// most is what all containers may take together, of a machine of 8 GB that has to do something else as well.
const most = 7168 << 20

// memory is bounded for each service, the bounds fit the machine, and what a process believes to have fits its bound.
func memory(s *stack) (p problems) {
	var sum int64
	for _, name := range names(s.compose) {
		c := s.compose.Services[name]
		if c.Deploy == nil || c.Deploy.Resources.Limits == nil || c.Deploy.Resources.Limits.MemoryBytes == 0 || c.Deploy.Resources.Limits.Pids == 0 {
			p.add("%s may take all memory or make any number of processes", name)
			continue
		}
		limit := int64(c.Deploy.Resources.Limits.MemoryBytes)
		copies := int64(1)
		if c.Deploy.Replicas != nil {
			copies = int64(*c.Deploy.Replicas)
		}
		sum += limit * copies
		if text := value(s.compose, name, "GOMEMLIMIT"); text != "" {
			bound(&p, name+"'s GOMEMLIMIT", size(&p, text), limit, 9, 10)
		}
	}
	if sum > most {
		p.add("all services together may take %s, want at most %s", units.BytesSize(float64(sum)), units.BytesSize(most))
	}
	bound(&p, "a worker's budget", size(&p, value(s.compose, "worker", "NUMBERMILL_MEMORY_BUDGET")), s.limit("worker"), 2, 3)
	bound(&p, "Elasticsearch's heap", heap(&p, value(s.compose, "elasticsearch", "ES_JAVA_OPTS")), s.limit("elasticsearch"), 1, 2)
	bound(&p, "Kibana's heap", nodeHeap(&p, value(s.compose, "kibana", "NODE_OPTIONS")), s.limit("kibana"), 3, 4)
	bound(&p, "Redis's maxmemory", size(&p, s.redis["maxmemory"]), s.limit("redis"), 1, 2)
	return p
}

// limit is what one container of a service may take, in bytes.
func (s *stack) limit(service string) int64 {
	if d := s.compose.Services[service].Deploy; d != nil && d.Resources.Limits != nil {
		return int64(d.Resources.Limits.MemoryBytes)
	}
	return 0
}

// bound asks for part ≤ whole · numerator / denominator.
func bound(p *problems, what string, part, whole, numerator, denominator int64) {
	if part <= 0 || part*denominator > whole*numerator {
		p.add("%s is %s, want at most %d/%d of %s", what, units.BytesSize(float64(part)), numerator, denominator, units.BytesSize(float64(whole)))
	}
}

// size reads 512mb, 200MiB and the like, each of which means powers of two to its reader.
func size(p *problems, text string) int64 {
	n, err := units.RAMInBytes(text)
	if err != nil {
		p.add("%q is no size: %v", text, err)
	}
	return n
}

var (
	javaHeap = regexp.MustCompile(`^-Xms([0-9]+m) -Xmx([0-9]+m)$`)
	jsHeap   = regexp.MustCompile(`^--max-old-space-size=([0-9]+)$`)
)

func heap(p *problems, options string) int64 {
	m := javaHeap.FindStringSubmatch(options)
	if m == nil || m[1] != m[2] {
		p.add("Elasticsearch's heap is not one size: %q", options)
		return 0
	}
	return size(p, m[2])
}

func nodeHeap(p *problems, options string) int64 {
	m := jsHeap.FindStringSubmatch(strings.TrimSpace(options))
	if m == nil {
		p.add("Kibana's heap has no bound: %q", options)
		return 0
	}
	megas, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		p.add("Kibana's heap: %v", err)
	}
	return megas << 20
}
