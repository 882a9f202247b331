package layout

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Task is one that was taken out of its queue for the first time.
type Task struct {
	Queue, ID, Type string
	Payload         []byte
	Headers         map[string]string
	// Queued is when it was put into its queue.
	Queued time.Time

	message   string
	retention uint64 // how long it is kept once it has ended, in seconds
}

// The fields of Asynq's messages, which are protocol buffers, that say what is to be done.
const (
	fieldType    = 1
	fieldPayload = 2
	fieldID      = 3
	fieldQueue   = 4
	fieldRetry   = 5 // how often it may be tried again
	fieldTimeout = 8
	fieldKept    = 12 // seconds for which it is kept
	fieldEnded   = 13 // when it has ended, in seconds since 1970
	fieldHeaders = 15
)

// read reads the message of a task that nobody had before. ok is false if it has anything else in it than what is to be done and how long it is kept,
// such as a key that makes it unique: Asynq then does more at its end than Scripts.Ending says.
func (t task) read() (r Task, ok bool) {
	if t.queued.IsZero() {
		return Task{}, false
	}
	r = Task{Queue: t.queue, ID: t.id, Queued: t.queued, message: t.msg}
	id, queue := "", ""
	ok = eachField([]byte(t.msg), func(field protowire.Number, value []byte, number uint64) bool {
		switch field {
		case fieldType:
			r.Type = string(value)
		case fieldPayload:
			r.Payload = value
		case fieldID:
			id = string(value)
		case fieldQueue:
			queue = string(value)
		case fieldRetry, fieldTimeout:
		case fieldKept:
			r.retention = number
		case fieldHeaders:
			return r.header(value)
		default:
			return false
		}
		return true
	})
	return r, ok && id == t.id && queue == t.queue
}

// header adds an entry of a map.
func (r *Task) header(entry []byte) bool {
	var key, value string
	ok := eachField(entry, func(field protowire.Number, text []byte, _ uint64) bool {
		switch field {
		case 1:
			key = string(text)
		case 2: //nolint:mnd // entries of maps are written so
			value = string(text)
		default:
			return false
		}
		return true
	})
	if r.Headers == nil {
		r.Headers = map[string]string{}
	}
	r.Headers[key] = value
	return ok
}

// ended is the message of a task that has ended at a time.
func (r *Task) ended(at time.Time) []byte {
	b := append(make([]byte, 0, len(r.message)+8), r.message...)
	return protowire.AppendVarint(protowire.AppendTag(b, fieldEnded, protowire.VarintType), uint64(at.Unix())) //nolint:gosec // it is after 1970
}

// eachField goes through a message whose fields are texts and whole numbers until do returns false. It is false then, and if the message has another
// form.
func eachField(message []byte, do func(field protowire.Number, value []byte, number uint64) bool) bool {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return false
		}
		message = message[n:]
		var value []byte
		var number uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(message)
		default:
			return false
		}
		if n < 0 || !do(field, value, number) {
			return false
		}
		message = message[n:]
	}
	return true
}
