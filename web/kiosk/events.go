package kiosk

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

const (
	retryAfter = 500 * time.Millisecond
	pollFor    = 25 * time.Second
)

// events streams every screen as the fragment the page shows. A page that comes
// back gets what it missed; any other begins with a settled screen.
func (k *kiosk) events(c echo.Context) error {
	ctx := c.Request().Context()
	n, now, err := k.Screens.Next(ctx, 0)
	if err != nil {
		return err
	}
	last := lastSeen(c)
	if last == 0 || last >= n { // fresh, up to date, or from before a restart
		now = settled(now)
	}
	stream, err := ui.OpenStream(c.Response(), retryAfter)
	for err == nil {
		if err = k.send(stream, n, now); err != nil {
			break
		}
		n, now, err = k.await(ctx, stream, n)
	}
	return nil // the page or the bank is gone; the page will come back
}

// lastSeen is the number of the last screen a page had: the browser says so when
// it repeats a stream, the page when it opens a new one. 0 means none.
func lastSeen(c echo.Context) uint64 {
	for _, s := range []string{c.Request().Header.Get("Last-Event-ID"), c.QueryParam("after")} {
		if n, err := strconv.ParseUint(s, 10, 64); err == nil {
			return n
		}
	}
	return 0
}

// await waits for the next screen and beats meanwhile.
func (k *kiosk) await(ctx context.Context, stream *ui.Stream, after uint64) (uint64, locker.Screen, error) {
	for {
		n, s, timedOut, err := k.next(ctx, after, ui.Beat)
		if !timedOut {
			return n, s, err
		}
		if err := stream.Beat(); err != nil {
			return 0, locker.Screen{}, err
		}
	}
}

func (k *kiosk) send(stream *ui.Stream, n uint64, s locker.Screen) error {
	html, err := ui.Text(k.templates, "screen.html", k.face(s))
	if err != nil {
		return err
	}
	return stream.Send("screen", strconv.FormatUint(n, 10), html)
}

// next is Screens.Next for at most d.
func (k *kiosk) next(ctx context.Context, after uint64, d time.Duration) (n uint64, s locker.Screen, timedOut bool, err error) {
	within, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	n, s, err = k.Screens.Next(within, after)
	timedOut = err != nil && within.Err() != nil && ctx.Err() == nil
	return n, s, timedOut, err
}

// shown is a screen as programs read it.
type shown struct {
	N uint64 `json:"n"`
	locker.Screen
}

// screen is the long poll described in the package comment. A reader that is
// ahead of the bank met it before a restart, and gets what is shown now.
func (k *kiosk) screen(c echo.Context) error {
	after, err := strconv.ParseUint(c.QueryParam("after"), 10, 64)
	if err != nil && c.QueryParam("after") != "" {
		return errs.Wrap(err, errs.Invalid, "after must be a whole number.", "Use the n of the last answer, or 0.")
	}
	ctx := c.Request().Context()
	n, s, err := k.Screens.Next(ctx, 0)
	if err == nil && n == after {
		var timedOut bool
		n, s, timedOut, err = k.next(ctx, after, pollFor)
		if timedOut {
			return c.NoContent(http.StatusNoContent)
		}
	}
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "The bank is stopping.", "Ask again in a moment.")
	}
	return c.JSON(http.StatusOK, shown{n, s})
}
