package server

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wait"
)

// forgetEvery is how often the server looks for what is not kept any more.
const forgetEvery = time.Hour

// forgetOld erases the names of visitors, what was written about confiscations and why
// there were exceptions, once the school's rules do not ask for it any more, until ctx
// ends. It goes by a clock that is trusted only. What fails is tried again: a name that
// stays an hour longer harms less than a school without pages.
func (s *Server) forgetOld(ctx context.Context) error {
	for s.awaitClock(ctx, true) {
		err := errors.Join(s.Agreements.Forget(ctx), s.Exceptions.Forget(ctx), s.Custody.Forget(ctx))
		if err != nil && ctx.Err() == nil {
			slog.Error("what is not to be kept could not be erased; it is tried again", "err", err, "next", errs.HintOf(err))
		}
		_ = wait.For(ctx, forgetEvery) // the loop looks at ctx
	}
	return nil
}
