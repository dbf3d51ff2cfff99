package bus

import "context"

// subscription hands the messages of one filter to one handler, one at a time
// and in order. Its queue is bounded: whoever delivers waits when it is full.
type subscription struct {
	filter string
	queue  chan message
	ctx    context.Context
	stop   context.CancelFunc
}

func newSubscription(ctx context.Context, filter string, room int) *subscription {
	ctx, stop := context.WithCancel(ctx)
	return &subscription{filter: filter, queue: make(chan message, room), ctx: ctx, stop: stop}
}

// run feeds handle until the subscription is stopped.
func (s *subscription) run(handle Handler) {
	for {
		select {
		case m := <-s.queue:
			if s.ctx.Err() != nil {
				return
			}
			handle(m.topic, m.payload, m.retained)
		case <-s.ctx.Done():
			return
		}
	}
}

// push waits for room, or until the subscription or the deliverer ends.
func (s *subscription) push(m message, gone <-chan struct{}) {
	select {
	case s.queue <- m:
	case <-s.ctx.Done():
	case <-gone:
	}
}
