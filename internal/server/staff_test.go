package server

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pins"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/locker"
)

// A PIN set through the socket is in the next directory, and gone from it once it
// is removed or its owner has left; another run of the server knows it too.
func TestStaffPINsReachTheDirectory(t *testing.T) {
	c := millLane(t)
	s := run(t, c)
	head := register.Entry{ID: "s-head", Kind: register.Staff, Details: register.Details{MIS: "17", Given: "Hedda", Family: "Head"}}
	must(t, s.People.Apply(t.Context(), "it", register.Changes{New: []register.Entry{head}}, register.Stated{}))
	given := func() map[string]locker.StaffEntry { return s.Rules.Current().Directory.Staff }

	var line StaffLine
	must(t, control.Ask(t.Context(), c.Dir, "/staff-pin", PINChange{By: "it", Person: "17", PIN: "271828"}, &line))
	if line.ID != "s-head" || line.PIN.IsZero() || line.Badge != 0 {
		t.Errorf("the answer is %+v", line)
	}
	eventually(t, "the PIN in the directory", func() bool { return (pins.Checker{}).Verify(given()["s-head"].PIN, "271828") })
	var list []StaffLine
	must(t, control.Ask(t.Context(), c.Dir, "/staff", struct{}{}, &list))
	if len(list) != 1 || list[0].Name != "Hedda Head" || !list[0].PIN.Equal(line.PIN) {
		t.Errorf("the list is %+v", list)
	}
	for _, in := range []PINChange{{By: "it", Person: "nobody", PIN: "271828"}, {By: "it", Person: "17", PIN: "111111"}, {Person: "17", PIN: "271828"}} {
		if err := control.Ask(t.Context(), c.Dir, "/staff-pin", in, &line); errs.CodeOf(err) == "" || errs.CodeOf(err) == errs.Internal || errs.HintOf(err) == "" {
			t.Errorf("%+v: %v", in, err)
		}
	}
	must(t, control.Ask(t.Context(), c.Dir, "/staff-pin", PINChange{By: "it", Person: "s-head", Remove: true}, &line))
	eventually(t, "a directory without it", func() bool { return len(given()) == 0 })
}

func TestStaffPINsOutliveTheServer(t *testing.T) {
	c := millLane(t)
	s, err := Open(t.Context(), c)
	must(t, err)
	head := register.Entry{ID: "s-head", Kind: register.Staff, Details: register.Details{MIS: "17", Given: "Hedda", Family: "Head"}}
	must(t, s.People.Apply(t.Context(), "it", register.Changes{New: []register.Entry{head}}, register.Stated{}))
	must(t, s.Staff.Set(t.Context(), "it", "s-head", "271828"))
	must(t, s.Close())
	again := run(t, c)
	if !(pins.Checker{}).Verify(again.Rules.Current().Directory.Staff["s-head"].PIN, "271828") {
		t.Error("the PIN is not in the directory")
	}
	person, _ := again.People.Person("s-head")
	must(t, again.People.Apply(t.Context(), "it", register.Changes{Left: []register.Person{person}}, register.Stated{StaffLeavers: 1}))
	eventually(t, "a directory without the leaver", func() bool { return len(again.Rules.Current().Directory.Staff) == 0 })
}
