package server

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/locker"
)

// A bank without a door for pupils is invited and listed like any other, and
// stays as it is when its machine is invited again.
func TestInviteAnOffice(t *testing.T) {
	s := run(t, millLane(t))
	in := Invitation{By: "it", Kind: cert.Bank, ID: "d", Allotment: locker.Fixed,
		Confiscation: banks.Run{First: 1001, Last: 1012}, Evidence: banks.Run{First: 1101, Last: 1104}}
	for _, wrong := range []banks.Run{{First: 0, Last: 3}, {First: 1101, Last: 1 << 40}, {First: 9, Last: 3}} {
		bad := in
		bad.Evidence = wrong
		if _, _, err := s.Invite(t.Context(), bad); errs.CodeOf(err) != errs.Invalid || len(s.List.All()) != 0 {
			t.Errorf("evidence doors %+v: %v", wrong, err)
		}
	}
	for _, again := range []Invitation{in, {By: "it", Kind: cert.Bank, ID: "d"}} {
		if _, _, err := s.Invite(t.Context(), again); err != nil {
			t.Fatal(err)
		}
		if b, _ := s.List.Get("d"); len(b.Setup.Doors) != 0 || len(b.Setup.Confiscation) != 12 || len(b.Setup.Evidence) != 4 {
			t.Errorf("%+v", b.Setup)
		}
	}
	if lines := s.bankLines(); len(lines) != 1 || lines[0].Doors != "1001-1012, 1101-1104" {
		t.Errorf("%+v", lines)
	}
}
