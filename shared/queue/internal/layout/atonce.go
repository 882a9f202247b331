package layout

import "context"

const (
	// mostPublishing is how many calls may publish what was done at once while more is fetched and done: one is under way, and one waits for it.
	mostPublishing = 2
	// few is how many tasks are published before more is fetched: meanwhile others come, and all of them cost less together.
	few = 4
)

// atOnce has those tasks done that can be. It returns nil if there are none; else what publishes them, and returns the tasks that are left.
func (f *Feeder) atOnce(tasks []task) (publish func() (left []task)) {
	if f.o.AtOnce == nil || len(tasks) == 0 || f.isStopped() {
		return nil
	}
	given, places := make([]Task, 0, len(tasks)), make([]int, 0, len(tasks))
	for i, t := range tasks {
		if r, ok := t.read(); ok {
			given, places = append(given, r), append(places, i)
		}
	}
	if len(given) == 0 {
		return nil
	}
	// Like all handlers it goes on when the server is told to stop.
	tell := f.o.AtOnce(context.Background(), given)
	if tell == nil {
		return nil
	}
	return func() (left []task) {
		ended := make([]bool, len(tasks))
		for k, done := range tell() {
			ended[places[k]] = done
		}
		for i, t := range tasks {
			if !ended[i] {
				left = append(left, t)
			}
		}
		return left
	}
}

// receive takes in a task that was handed over. By itself it is published before another one comes.
func (f *Feeder) receive(t task) {
	if publish := f.atOnce([]task{t}); publish != nil {
		f.add(publish()...)
		return
	}
	f.add(t)
}

// takeIn takes in tasks that were fetched. What is done at once is published while the next are fetched, if it is not just a few, and there is somebody
// to wake for what is left.
func (f *Feeder) takeIn(tasks []task) {
	publish := f.atOnce(tasks)
	switch {
	case publish == nil:
		f.add(tasks...)
		return
	case f.lot == nil, len(tasks) <= few:
		f.add(publish()...)
		return
	}
	f.publishing <- struct{}{}
	go func() {
		defer func() { <-f.publishing }()
		if left := publish(); len(left) > 0 {
			f.add(left...)
			f.lot.wake()
		}
		if f.isStopped() { // whoever has stopped may have given everything back before
			f.GiveBack(context.Background())
		}
	}()
}
