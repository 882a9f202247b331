// Package nginx has no code of its own. Its tests put a real nginx, with the configuration that runs in compose, in front of real APIs and
// workers, or of servers that misbehave on purpose, and look at what clients get and at what the access log says.
package nginx
