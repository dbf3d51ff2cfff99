package bus

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// run connects, lives and reconnects until the client is closed.
func (c *Client) run() {
	for failures := 0; ; {
		s, err := c.connect(c.ctx)
		if err == nil {
			failures = 0
			err = c.live(s)
		} else {
			failures++
		}
		if c.ctx.Err() != nil {
			c.set(false, errs.Wrap(c.ctx.Err(), errs.Unavailable, "The connection to the broker was closed.", ""))
			return
		}
		c.set(false, err)
		if failures <= 1 { // later failures say the same again
			c.cfg.Logger.Warn("no connection to the broker, trying again", "broker", c.cfg.Address, "err", err)
		}
		if !rest(c.ctx, failures, c.cfg.Jitter) {
			return
		}
	}
}

// live subscribes, reports up, and returns when the connection is gone, with
// the reason.
func (c *Client) live(s *session) error {
	defer s.end()
	defer context.AfterFunc(c.ctx, func() { s.link.fail(c.ctx.Err()) })()
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	go func() {
		<-s.link.done // s.end closes it at the latest
		cancel()
	}()

	refused, err := c.subscribeAll(ctx, s)
	defer c.adopt(nil)
	if err != nil {
		return err
	}
	c.set(true, refused)
	c.cfg.Logger.Info("connected to the broker", "broker", c.cfg.Address)
	if c.cfg.OnUp != nil {
		c.cfg.OnUp(ctx)
	}
	<-s.link.done
	lost := errs.Wrap(s.link.err, errs.Unavailable, "The connection to the broker was lost.", "It is tried again by itself.")
	c.adopt(nil)
	c.set(false, lost)
	if c.cfg.OnDown != nil {
		c.cfg.OnDown(lost)
	}
	return lost
}

// subscribeAll asks for every subscription anew. One that is refused must not
// cost the others their connection: it is logged, and returned for State.
func (c *Client) subscribeAll(ctx context.Context, s *session) (refused, err error) {
	for _, sub := range c.adopt(s) {
		err := s.subscribe(ctx, sub.filter)
		if errs.CodeOf(err) == errs.Denied {
			c.cfg.Logger.Error("the broker refused a subscription", "filter", sub.filter)
			refused = err
		} else if err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// adopt makes s the connection in use and gives the subscriptions made so far;
// those made later ask for themselves.
func (c *Client) adopt(s *session) []*subscription {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = s
	return c.subs
}

func (c *Client) set(up bool, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if up != c.state.Up {
		c.state.Since = time.Now()
	}
	c.state.Up, c.state.Err = up, why
}
