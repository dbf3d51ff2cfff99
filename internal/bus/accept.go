package bus

import (
	"context"
	"net"
	"sync"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// acceptor hands the connections of listeners to serve, as many at a time as
// room has places.
type acceptor struct {
	room  chan struct{}
	serve func(context.Context, net.Conn)
	full  func(net.Conn) // told of one that is turned away
}

// run accepts until ctx ends, then closes the listener and waits for its
// connections. Errors: unavailable when the listener fails.
func (a acceptor) run(ctx context.Context, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()

	var conns sync.WaitGroup
	defer conns.Wait()
	defer cancel() // before the wait: it ends the connections
	for {
		conn, err := listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = conn.Close()
			}
			return nil
		case err != nil:
			return errs.Wrap(err, errs.Unavailable, "The broker's listener failed.", "Start it again.")
		}
		select {
		case a.room <- struct{}{}:
			conns.Go(func() {
				a.serve(ctx, conn)
				<-a.room
			})
		default:
			a.full(conn)
			_ = conn.Close()
		}
	}
}
