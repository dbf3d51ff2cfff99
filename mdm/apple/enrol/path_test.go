package enrol

import (
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// Each way keeps a device to every setting, but for a mere profile: what takes
// supervision it cannot, and says so.
func TestTable(t *testing.T) {
	bySupervision := []mdm.Setting{mdm.Bluetooth, mdm.Share, mdm.Apps, mdm.Web}
	table := Table()
	if len(table) != len(mdm.Unmanaged()) {
		t.Errorf("%d settings are in the table, of %d", len(table), len(mdm.Unmanaged()))
	}
	for _, line := range table {
		for _, p := range Paths {
			can := p != Plain || !slices.Contains(bySupervision, line.Setting)
			if why := line.Why[p]; (why == "") != can {
				t.Errorf("%s by %s: %q", line.Setting, p, why)
			}
		}
	}
}

func TestUnenforcedAreRulesThatTakeSupervision(t *testing.T) {
	got := Unenforced(mdm.Set{mdm.Camera: mdm.Block, mdm.Share: mdm.Block, mdm.Bluetooth: mdm.User})
	if len(got) != 1 || got[0] != mdm.Share {
		t.Errorf("without supervision these cannot be: %v", got)
	}
}

func TestChoose(t *testing.T) {
	r := newRig(t)
	refused(t, "no way", r.Choose("cloud"), errs.Invalid, "path", "Choose")
	for _, p := range Paths {
		must(t, r.Choose(p))
		if r.Path() != p {
			t.Errorf("chose %s, has %s", p, r.Path())
		}
	}
}
