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
}

// The fields of Asynq's messages, which are protocol buffers, that say what is to be done.
const (
	fieldType    = 1
	fieldPayload = 2
	fieldID      = 3
	fieldQueue   = 4
	fieldRetry   = 5 // how often it may be tried again
	fieldTimeout = 8
	fieldHeaders = 15
)

// read reads the message of a task that nobody had before. ok is false if it has anything else in it than what is to be done, such as how long it is to
// be kept: Asynq then does more at its end than Ending says.
func (t task) read() (r Task, ok bool) {
	if t.queued.IsZero() {
		return Task{}, false
	}
	r = Task{Queue: t.queue, ID: t.id, Queued: t.queued}
	id, queue := "", ""
	ok = eachField([]byte(t.msg), func(field protowire.Number, value []byte) bool {
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
	ok := eachField(entry, func(field protowire.Number, text []byte) bool {
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

// eachField goes through a message whose fields are texts and whole numbers, of which it passes no value, until do returns false. It is false then, and
// if the message has another form.
func eachField(message []byte, do func(field protowire.Number, value []byte) bool) bool {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return false
		}
		message = message[n:]
		var value []byte
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			_, n = protowire.ConsumeVarint(message)
		default:
			return false
		}
		if n < 0 || !do(field, value) {
			return false
		}
		message = message[n:]
	}
	return true
}
