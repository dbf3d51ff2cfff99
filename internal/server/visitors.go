package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wait"
)

// forgetEvery is how often visitors are looked for whose names are not kept any more.
const forgetEvery = time.Hour

// forgetVisitors erases the names of visitors once the school's rules do not ask for
// them any more, until ctx ends. It goes by a clock that is trusted only. What fails is
// tried again: a name that stays an hour longer harms less than a school without pages.
func (s *Server) forgetVisitors(ctx context.Context) error {
	for s.awaitClock(ctx, true) {
		if err := s.Agreements.Forget(ctx); err != nil && ctx.Err() == nil {
			slog.Error("the names of visitors could not be erased; it is tried again", "err", err, "next", errs.HintOf(err))
		}
		_ = wait.For(ctx, forgetEvery) // the loop looks at ctx
	}
	return nil
}
