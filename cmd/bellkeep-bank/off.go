package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// off switches every relay off that nothing but a program can switch off. With
// --after-stdin it first waits for the end of its input, which is the end of
// the program that holds the other end of the pipe, however that ended.
func (o options) off(ctx context.Context, stdin io.Reader) error {
	c, err := cabinet.Load(o.config, o.devices)
	if err != nil {
		return err
	}
	if !o.afterStdin {
		return c.RelaysOff(ctx)
	}
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP) // meant for the other program
	_, heard := io.Copy(io.Discard, stdin)
	if err := c.RelaysOff(context.WithoutCancel(ctx)); err != nil && !inUse(err) {
		return errs.Wrap(err, errs.Unavailable, "The bank has ended and its relays could not be switched off; a coil may have current.",
			"Cut the power of the locks now; then start the bank again.")
	}
	slog.Info("the bank has ended; its relays are off", "err", heard)
	return nil
}

// inUse says that the next bank has the pins already. It switched them off when
// it took them.
func inUse(err error) bool {
	all := errs.All(err)
	return len(all) > 0 && !slices.ContainsFunc(all, func(e *errs.Error) bool { return e.Code != errs.Conflict })
}

// guard starts a second program that switches the relays off should this one
// end in the middle of a pulse: by a panic anywhere, or a signal that nobody
// can catch. It needs none for boards that end a pulse themselves. The pipe
// must stay open for as long as the bank works.
func (o options) guard(c cabinet.Cabinet) (io.Closer, error) {
	if !c.NeedsGuard() {
		return io.NopCloser(nil), nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "off", "--after-stdin", "--config", o.config, "--devices", o.devices)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // so that no terminal ends both
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The guard of the relays cannot be started.",
			"Free some memory, or end programs that are not needed, and start the bank again.")
	}
	g := guarded{pipe, make(chan error, 1)}
	go func() {
		err := cmd.Wait()
		slog.Info("the guard of the relays has gone", "err", err, "next", "unless the bank has ended too, start it again")
		g.gone <- err
	}()
	return g, nil
}

// guarded is a guard at work.
type guarded struct {
	pipe io.Closer
	gone chan error
}

// Close sends the guard home, with the relays off. A guard that went before has
// closed the pipe, and its own error says more than that.
func (g guarded) Close() error {
	closed := g.pipe.Close()
	if err := <-g.gone; err != nil || errors.Is(closed, os.ErrClosed) {
		return err
	}
	return closed
}
