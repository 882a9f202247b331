package transform

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// advised asks for huge pages for x, so that the first touch of memory, which can take as long as the computation in it, happens once for
// 2 MiB instead of 4 KiB. It is but a wish: an error does no harm.
func advised[T uint64 | float64](x []T) []T {
	const huge = 2 << 20
	if size := len(x) * int(unsafe.Sizeof(x[0])); size >= 2*huge {
		memory := unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), size) //nolint:gosec // the same memory, as bytes
		page := unix.Getpagesize()
		if skip := -int(uintptr(unsafe.Pointer(&x[0]))) & (page - 1); skip < size { //nolint:gosec // the next page's beginning
			_ = unix.Madvise(memory[skip:size-(size-skip)%page], unix.MADV_HUGEPAGE)
		}
	}
	return x
}
