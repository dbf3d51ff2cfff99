package server

import (
	"testing"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// A passcode is confirmed by a rule that asks for one and the device's own report of
// just that; what a device cannot say is assumed; anything else is neither.
func TestConfirmation(t *testing.T) {
	want := mdm.Passcode{Require: true, MinLength: 6}.Value()
	for name, c := range map[string]struct {
		want mdm.Value
		said *mdm.Outcome // nil for no report
		is   fleet.Confirmation
	}{
		"as wanted":           {want, &mdm.Outcome{State: mdm.Applied, Value: want}, fleet.Reported},
		"cannot say":          {want, &mdm.Outcome{State: mdm.Assumed}, fleet.Assumed},
		"a shorter one":       {want, &mdm.Outcome{State: mdm.Applied, Value: mdm.Passcode{Require: true, MinLength: 4}.Value()}, fleet.Unconfirmed},
		"on its way":          {want, &mdm.Outcome{State: mdm.Updating, Value: want}, fleet.Unconfirmed},
		"refused":             {want, &mdm.Outcome{State: mdm.Failure}, fleet.Unconfirmed},
		"waits for the user":  {want, &mdm.Outcome{State: mdm.UserAction}, fleet.Unconfirmed},
		"not reported":        {want, nil, fleet.Unconfirmed},
		"no rule asks for it": {mdm.Passcode{}.Value(), &mdm.Outcome{State: mdm.Applied, Value: mdm.Passcode{}.Value()}, fleet.Unconfirmed},
		"no rule at all":      {"", &mdm.Outcome{State: mdm.Assumed}, fleet.Unconfirmed},
	} {
		row := shadow.Row{Want: mdm.Stage{Set: mdm.Set{mdm.PasscodeSetting: c.want}}}
		if c.said != nil {
			row.Said = &mdm.Reported{Set: map[mdm.Setting]mdm.Outcome{mdm.PasscodeSetting: *c.said}}
		}
		if got := confirmation(row); got != c.is {
			t.Errorf("%s: %q, want %q", name, got, c.is)
		}
	}
}

// What a crash left half done is done at the next start: a retired device is let in no
// more.
func TestRetiredIsCutOffAtTheNextStart(t *testing.T) {
	s := run(t, millLane(t))
	if _, err := join(t, invite(t, s, "device", "tab-1")); err != nil {
		t.Fatal(err)
	}
	must(t, s.Fleet.Retire(t.Context(), "tab-1", "it"))
	if !s.belongs("tab-1") {
		t.Fatal("the book alone cut it off")
	}
	must(t, s.cutRetired(t.Context()))
	if s.belongs("tab-1") {
		t.Error("it is let in still")
	}
}
