package fleet

import (
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// A spare that is filtered otherwise is no replacement that one person gives: it is
// moved first, to where it filters as the device it replaces, and two agree to that.
func TestReplacementFiltersAlike(t *testing.T) {
	for name, c := range map[string]struct{ old, spare []string }{
		"looser": {[]string{"ipads"}, []string{"open"}}, "stricter": {[]string{"open"}, []string{"ipads"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := newMoves(t)
			ctx := t.Context()
			r.must(r.List(ctx, "it", to(7, c.old...), to(8, c.spare...), to(9, slices.Sorted(slices.Values(append(slices.Clone(c.old), "library")))...)))
			r.must(r.Issue(ctx, "it", Handover{Device: "ipad-7", To: "p-pupil"}))
			err := r.Replace(ctx, "ipad-7", "it", Handover{Device: "ipad-8"})
			refuses(t, "one that filters otherwise", err, errs.Denied)
			if hint := errs.HintOf(err); hint != "Move device ipad-8 to the groups of ipad-7 first, which a second person agrees to; or choose another device." {
				t.Errorf("it says %q", hint)
			}
			if r.Holder("ipad-7") != "p-pupil" || r.Holder("ipad-8") != "" {
				t.Fatal("they have it all the same")
			}
			m := r.asks(technician, to(8, c.old...))
			_, err = r.ReviewMove(ctx, someone("dsl", roles.DSL), m.ID, change.Educational, true, "")
			r.must(err)
			r.must(r.Replace(ctx, "ipad-7", "it", Handover{Device: "ipad-8"}))
			r.must(r.Replace(ctx, "ipad-8", "it", Handover{Device: "ipad-9"})) // in another group that filters alike
			if got := r.again().Holder("ipad-9"); got != "p-pupil" {
				t.Errorf("after a restart %q has it", got)
			}
		})
	}
}

// Whoever edits a list does not give a device's voice to another platform's gateway.
func TestPlatformStays(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	other := func(n int) error {
		d := device(n)
		d.Platform = "headwind"
		_, err := r.Change(ctx, technician, "", d)
		if again := r.List(ctx, "it", d); errs.CodeOf(again) != errs.CodeOf(err) {
			t.Errorf("by a list: %v, by a page: %v", again, err)
		}
		return err
	}
	r.must(r.List(ctx, "it", device(1), device(2), device(3)))
	r.must(other(1))
	r.joined["ipad-2"] = true
	refuses(t, "of one that has joined", other(2), errs.Denied)
	label := device(2)
	label.Label = "Pad 2"
	r.must(r.List(ctx, "it", label)) // all else may change
	r.must(r.Issue(ctx, "it", Handover{Device: "ipad-3", To: "p-pupil"}))
	refuses(t, "of one that somebody has", other(3), errs.Denied)
	r.must(r.TakeBack(ctx, "ipad-3", "it"))
	r.must(other(3))
	r.Joined = nil
	refuses(t, "where nobody knows who has joined", other(2), errs.Denied)
}
