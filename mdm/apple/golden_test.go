package apple

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/once"
)

var update = flag.Bool("update", false, "write testdata anew")

// What goes over the wire, to be read by people too.
func TestWhatIsSentIsAsInTestdata(t *testing.T) {
	all := ruled(mdm.Set{mdm.Camera: mdm.Block, mdm.Bluetooth: mdm.Block, mdm.Share: mdm.Block, mdm.Screen: mdm.Block,
		mdm.PasscodeSetting: mdm.Passcode{Require: true, MinLength: 6}.Value(), mdm.AutoLock: "120",
		mdm.Apps: `{"block":["games"]}`, mdm.Web: `{"only":["school"]}`})
	d := NewDevice("ipad-7", time.Time{})
	d.Traits = Traits{OSVersion: "18.1", Supervised: new(true)}
	d.Want = mdm.Desired{V: 1, Dev: "ipad-7", Rev: 1, Lists: lists}
	n := 0
	uuid := func() string { n++; return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
	write := func(name string, stage mdm.Stage, s slot) {
		c := d.split(stage, compile(&d.Want, stage, d.Traits))[s]
		raw, err := c.encode(d.ID, s, uuid(), uuid)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, raw)
	}
	end := time.Date(2026, 11, 23, 9, 45, 0, 0, time.UTC)
	write("rules.plist", mdm.Stage{Mode: "m", Set: all}, rules)
	boxed := mdm.Stage{Mode: "m", Set: all, Until: end, Fallback: &mdm.Stage{Mode: "h", Set: mdm.Unmanaged()}}
	write("box.plist", boxed, box)
	write("rules-beside-box.plist", boxed, rules)
	d.Traits.Supervised = new(false)
	write("rules-unsupervised.plist", boxed, rules)
	d.Traits.Supervised = new(true)
	for name, s := range map[string]step{"settings.plist": {request: cmdSettings}, "information.plist": {request: cmdInfo}, "remove.plist": {request: cmdRemove, slot: box},
		"lost.plist": {request: cmdEnableLost, task: task{Task: once.Task{Text: "Bring it to <the office> & ring."}}}} {
		n = 0
		raw, why, err := d.command(s, &sent{UUID: uuid()}, Ports{NewUUID: uuid})
		if err != nil || why != "" {
			t.Fatal(err)
		}
		golden(t, name, raw)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(got) != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s (%v)", name, got, want, err)
	}
}
