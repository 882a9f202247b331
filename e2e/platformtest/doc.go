// Package platformtest runs the numbermill binary the way people do: every part a process of its own, started on free ports and
// fresh folders, watched through its log, killed or asked to end, and gone with the test even if the test itself is killed.
package platformtest
