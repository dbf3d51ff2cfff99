package ledger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
)

// torn is a ledger whose disk has failed.
type torn struct{}

func (torn) Append(context.Context, ...ledger.Entry) ([]ledger.Receipt, error) {
	return nil, errors.New("no space left")
}

func TestCommitFoldsWhatIsOnDisk(t *testing.T) {
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var folded []ledger.Record
	fold := func(r ledger.Record) error { folded = append(folded, r); return nil }
	var entries []ledger.Entry
	for _, by := range []string{"j-smith", "a-khan"} {
		e, err := ledger.NewEntry("thing-done", ledger.Stamp{Wall: time.Now()}, map[string]string{"by": by})
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	if err := ledger.Commit(t.Context(), torn{}, fold, entries...); err == nil || len(folded) != 0 {
		t.Errorf("a failed disk gave %v and %d records", err, len(folded))
	}
	if err := ledger.Commit(t.Context(), log, fold, entries...); err != nil {
		t.Fatal(err)
	}
	if len(folded) != 2 || folded[1].Seq != log.Size()-1 || string(folded[1].Body) != `{"by":"a-khan"}` {
		t.Errorf("folded %+v", folded)
	}
}

func TestUnreadableKeepsTheCauseCode(t *testing.T) {
	for _, c := range []struct {
		cause error
		want  errs.Code
	}{
		{nil, errs.Invalid},
		{errors.New("unexpected end of JSON input"), errs.Invalid},
		{errs.New(errs.Unavailable, "The vault cannot be read.", ""), errs.Unavailable},
	} {
		if got := errs.CodeOf(ledger.Unreadable(ledger.Record{Seq: 7}, c.cause)); got != c.want {
			t.Errorf("%v: code %s, want %s", c.cause, got, c.want)
		}
	}
}

func TestNewIDsDiffer(t *testing.T) {
	one, other := ledger.NewID("e"), ledger.NewID("e")
	if one == other || len(one) != len("e-")+26 || one[:2] != "e-" || !school.ValidID(one) {
		t.Errorf("%q, then %q", one, other)
	}
}
