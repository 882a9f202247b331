package transform

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const hugePage = 2 << 20 // bytes

// mapped returns zeros from the system instead of the heap, in huge pages where it is large, or nil if there are none to be had. The first touch of
// memory can take as long as the computation in it; of a huge page it happens once for 2 MiB instead of 4 KiB. The garbage collector, which would
// keep twice the memory, and clear it, knows nothing of it.
func mapped(n int) []float64 {
	page := unix.Getpagesize()
	size := (8*n + page - 1) / page * page
	if size%hugePage >= hugePage/4 { // A last page that would be nearly empty is left to small ones.
		size += hugePage - size%hugePage
	}
	const protection, flags = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_ANON | unix.MAP_PRIVATE | unix.MAP_NORESERVE
	all, err := unix.MmapPtr(-1, 0, nil, uintptr(size+hugePage), protection, flags)
	if err != nil {
		return nil
	}
	skip := int(-uintptr(all) & (hugePage - 1))
	memory := unsafe.Add(all, skip)
	unmap(all, skip)
	unmap(unsafe.Add(memory, size), hugePage-skip)
	_ = unix.Madvise(unsafe.Slice((*byte)(memory), size), unix.MADV_HUGEPAGE) //nolint:gosec // as bytes; it is a wish
	return unsafe.Slice((*float64)(memory), size/8)[:n]                       //nolint:gosec // memory has size bytes
}

// release gives back what mapped has returned.
func release(x []float64) {
	unmap(unsafe.Pointer(unsafe.SliceData(x)), 8*cap(x)) //nolint:gosec // nobody uses it any more
}

func unmap(memory unsafe.Pointer, size int) {
	if size > 0 {
		_ = unix.MunmapPtr(memory, uintptr(size))
	}
}

// advised asks for huge pages for x, on the heap.
func advised(x []uint64) []uint64 {
	if size := 8 * len(x); size >= 2*hugePage {
		memory := unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), size) //nolint:gosec // the same memory, as bytes
		page := unix.Getpagesize()
		if skip := int(-uintptr(unsafe.Pointer(&x[0])) & uintptr(page-1)); skip < size { //nolint:gosec // below a page
			_ = unix.Madvise(memory[skip:size-(size-skip)%page], unix.MADV_HUGEPAGE) // a wish
		}
	}
	return x
}
