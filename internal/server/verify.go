package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wait"
)

// verifyAfter leaves a start to itself: what is read then is checked record by
// record already.
const verifyAfter = time.Minute

// verify reads the school's ledger and the copies of the banks' whole, once, in
// the background. The server goes on with a damaged one: whoever looks after it
// must know.
func (s *Server) verify(ctx context.Context) error {
	if wait.For(ctx, verifyAfter) != nil {
		return nil
	}
	verify(ctx, Writer, s.Log.VerifyAll)
	for _, b := range s.List.All() {
		if c, ok := s.Banks.Copy(b.Setup.Bank); ok {
			verify(ctx, b.Setup.Bank, c.VerifyAll)
		}
	}
	return nil
}

func verify(ctx context.Context, writer string, all func(context.Context, boltlog.VerifyOptions) (boltlog.Report, error)) {
	report, err := all(ctx, boltlog.VerifyOptions{})
	if err == nil && !report.OK() { // an error says that ctx ended
		slog.Error("a ledger is damaged", "writer", writer, "err", report.Err(), "next", errs.HintOf(report.Err()))
	}
}
