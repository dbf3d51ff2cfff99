package server

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wait"
)

// verifyAfter leaves a start to itself: what is read then is checked record by
// record already.
const verifyAfter = time.Minute

// Verified is what reading a whole ledger found.
type Verified struct {
	At     time.Time // machine time; zero before it was read
	Size   uint64    // records there were
	Damage string    // "" for none
}

// Verified tells what was found when a writer's ledger was last read whole.
func (s *Server) Verified(writer string) Verified {
	s.verifiedMu.Lock()
	defer s.verifiedMu.Unlock()
	return s.verified[writer]
}

// verify reads the school's ledger and the copies of the banks' whole, once, in
// the background. The server goes on with a damaged one: whoever looks after it
// must know.
func (s *Server) verify(ctx context.Context) error {
	if wait.For(ctx, verifyAfter) != nil {
		return nil
	}
	s.verifyOne(ctx, Writer, s.Log.VerifyAll)
	for _, b := range s.List.All() {
		if c, ok := s.Banks.Copy(b.Setup.Bank); ok {
			s.verifyOne(ctx, b.Setup.Bank, c.VerifyAll)
		}
	}
	return nil
}

func (s *Server) verifyOne(ctx context.Context, writer string, all func(context.Context, boltlog.VerifyOptions) (boltlog.Report, error)) {
	report, err := all(ctx, boltlog.VerifyOptions{})
	if err != nil {
		return // ctx ended
	}
	found := Verified{At: time.Now(), Size: report.Size}
	if !report.OK() {
		found.Damage = fmt.Sprint(report.Err())
		slog.Error("a ledger is damaged", "writer", writer, "err", report.Err(), "next", errs.HintOf(report.Err()))
	}
	s.verifiedMu.Lock()
	defer s.verifiedMu.Unlock()
	if s.verified == nil {
		s.verified = map[string]Verified{}
	}
	s.verified[writer] = found
}
