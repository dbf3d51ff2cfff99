package records

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/command"
)

// A quarantine, however it begins, ends what would destroy the evidence; whoever is
// told where a device is, the book of devices says it is lost.
func TestCommandsFollowTheBookOfDevices(t *testing.T) {
	parts := partsOf(t, elmfield(t), vaultOf(t))
	books, ctx := New(parts), t.Context()
	it := school.Actor{Account: "it", Person: "s-it", Changed: monday.AddDate(0, -1, 0)}
	head := school.Actor{Account: "head", Person: "s-head", Changed: monday.AddDate(0, -1, 0)}
	must(t, books.Fleet.List(ctx, "it", mdm.Device{ID: "ipad-1", Groups: []string{"g"}, Platform: "ipad"}))
	ask := func(op mdm.Op) (string, error) {
		return books.Commands.Ask(ctx, it, "ipad-1", op, mdm.Args{}, monday.Add(30*24*time.Hour))
	}
	if _, err := ask(mdm.Locate); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("locating what is not lost: %v", err)
	}
	must(t, books.Fleet.Lose(ctx, "ipad-1", "it"))
	_, err := ask(mdm.Locate)
	must(t, err)
	wipe, err := ask(mdm.Wipe)
	must(t, err)
	must(t, books.Commands.Approve(ctx, head, wipe))
	must(t, books.Fleet.Quarantine(ctx, head, "ipad-1", "An allegation was made.", ""))
	again := New(parts)
	must(t, parts.Log.(*memlog.Log).Read(ctx, 0, again.Fold))
	for _, b := range []*Records{books, again} {
		if l, _ := b.Commands.Line(wipe, monday); l.Progress != command.Quarantined {
			t.Errorf("the wipe is %s", l.Progress)
		}
	}
}
