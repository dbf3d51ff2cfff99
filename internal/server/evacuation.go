package server

import (
	"context"
	"log/slog"

	"github.com/bellkeep/bellkeep/locker"
)

// heedAlarms has the whole school leave the building when a bank hears the fire
// alarm, or somebody at its kiosk says so. The all-clear is a person's.
func (s *Server) heedAlarms(ctx context.Context) error {
	for {
		seen := s.Banks.News()
		for _, b := range s.Banks.Banks() {
			v := b.Board.Evacuation
			if !v.Local() {
				continue
			}
			cause := locker.ByStaff
			if v.By(locker.ByInput) {
				cause = locker.ByInput
			}
			began, err := s.Closure.Heard(ctx, b.Setup.Bank, v.Seq, cause, v.Since.Wall)
			if err != nil && ctx.Err() == nil {
				return err
			}
			if began {
				slog.Warn("the building is being left", "bank", b.Setup.Bank, "cause", string(cause))
			}
		}
		if s.Banks.Wait(ctx, seen) != nil {
			return nil // ctx ended
		}
	}
}
