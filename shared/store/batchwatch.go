package store

import "numbermill/shared/job"

// WatchBatch returns channels that receive after jobs of the batch have been counted as ended: ends after the last of them, changed after any.
// Several may come as one. stop must be called.
func (w *Watcher) WatchBatch(id job.BatchID) (changed <-chan struct{}, ends <-chan End, stop func()) {
	// The messages come like those of computations, with the batch's id, which is no fingerprint, in the place of theirs; see close.lua.
	f := job.Fingerprint(id)
	changed, stopChanges := w.Watch(f)
	ends, stopEnds := w.Await(f)
	return changed, ends, func() { stopChanges(); stopEnds() }
}
