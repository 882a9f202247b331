// Package e2e has no code of its own: its tests drive the whole of Numbermill, in processes of its own, over HTTP, on real parts.
package e2e
