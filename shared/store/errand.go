package store

import (
	"sync"

	"github.com/redis/go-redis/v9"
)

// Errand is somebody else's script that is to run within one of the store's own: then both take one call, and happen both or not at all. Where the
// slots of a cluster stand between them it does not run.
type Errand struct {
	// Source is the script's text, with its KEYS and ARGV; empty for no errand. It must not raise an error: what it returns is ignored.
	Source string
	Keys   []string
	Args   []any
	// After is told once whether it has run, or why that is not known.
	After func(ran bool, err error)
}

// tell tells whether the errand has run.
func (e *Errand) tell(ran bool, err error) {
	if e.After != nil {
		e.After(ran, err)
	}
}

// hosting is a script that takes an errand along: it calls a function of that name, with keys and arguments of its choice.
type hosting struct {
	functions, body string
	scripts         sync.Map // *redis.Script by the errand's source: there are as many as there are kinds of errands
}

// with is the script that runs an errand of this source, which is empty for none.
func (h *hosting) with(source string) *redis.Script {
	if s, ok := h.scripts.Load(source); ok {
		if script, ok := s.(*redis.Script); ok {
			return script
		}
	}
	script := redis.NewScript(h.functions + luaFunction("errand", source) + h.body)
	h.scripts.Store(source, script)
	return script
}

// asFunction makes a script of this package one that others can call, with keys and arguments of their choice.
func asFunction(name string) string { return luaFunction(name, lua(name)) }

func luaFunction(name, source string) string {
	return "local function " + name + "(KEYS, ARGV)\n" + source + "\nend\n"
}
