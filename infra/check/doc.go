// Package check holds the files of infra, and docker-compose.yml, against the schemas and types of those who read them, and against each other. It
// has tests alone.
package check
