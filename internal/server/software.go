package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wait"
)

// noteEvery is how often the versions that banks say they run are looked at.
const noteEvery = time.Minute

// noteSoftware puts on record which program the server and each bank runs, whenever
// that is another, until ctx ends. What fails is tried again: nothing waits for it.
func (s *Server) noteSoftware(ctx context.Context) error {
	for ctx.Err() == nil {
		err := s.Reviews.Runs(ctx, "school", s.Software)
		for _, b := range s.Banks.Banks() {
			if err == nil {
				err = s.Reviews.Runs(ctx, b.Setup.Bank, b.State.Software)
			}
		}
		if err != nil && ctx.Err() == nil {
			slog.Error("the version of a program could not be recorded; it is tried again", "err", err, "next", errs.HintOf(err))
		}
		_ = wait.For(ctx, noteEvery) // the loop looks at ctx
	}
	return nil
}
