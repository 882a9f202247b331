// Package bignum computes with very large natural numbers in base 10^18, so that their decimal digits cost nothing.
//
// For an exact decimal answer, conversion from binary takes most of the time of any engine that computes in binary. Here additions and
// products are decimal from the start: large products go through number-theoretic transforms (package transform), small ones word by
// word. All answers are exact. Everything that takes long can be interrupted, tells how far it is, and uses as many threads as it is given.
// The package knows nothing of jobs.
package bignum
