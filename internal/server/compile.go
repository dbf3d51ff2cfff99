package server

import (
	"context"
	"errors"
	"log/slog"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// compile makes directory and plan of what the books say now and gives them to
// the banks if anything differs.
func (s *Server) compile(ctx context.Context) error {
	upto := s.Log.Size() // what is decided from here on goes into the next one
	s.Settle()
	directory, plan := s.Compile(s.Now(), s.Rules.Current())
	news, err := s.Rules.Give(ctx, directory, plan, upto)
	s.noteLength(err)
	if err != nil || !news {
		return err
	}
	if err := s.Banks.Publish(ctx); !isAway(err) {
		return err
	}
	return nil // they are published when the broker is back
}

// noteLength says once that the rules have become too long, and that they fit
// again.
func (s *Server) noteLength(err error) {
	switch is := errors.Is(err, banks.ErrTooLong); {
	case is && !s.tooLong:
		slog.Error("the banks cannot be given new rules; they go on with those they have", "err", err, "next", errs.HintOf(err))
		s.tooLong = true
	case err == nil && s.tooLong:
		slog.Info("the rules fit again, and the banks have them")
		s.tooLong = false
	}
}
