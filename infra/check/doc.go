// Package check holds the files of infra, and docker-compose.yml, against the schemas and types of those who read them, and against each other. It
// has tests alone.
//
// A rule is a function that looks at everything together, as a stack, and returns what is wrong in sentences. TestRules wants silence from all of
// them; TestEachRuleCanFail breaks one thing after another and wants to hear of it.
package check
