package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
)

// The demonstration's accounts belong to Elmfield's own staff, but for the chair of
// its governors; a school without staff gets them. Only a light role is somebody's who is not in the register.
func TestDemoAccountsAreStaffs(t *testing.T) {
	folder := filepath.Join("..", "..", "testdata", "schools", "elmfield")
	elmfield, err := readRoll(filepath.Join(folder, "oneroster"), "", school.Date{Year: 2026, Month: 11, Day: 23})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range withStaff(elmfield).People[len(elmfield.People):] {
		if e.MIS != "S-CHAIR" { // a school's information system lists no governors
			t.Errorf("%s is nobody at Elmfield", e.MIS)
		}
	}
	bare := withStaff(register.Roll{}).People
	for _, a := range demoAccounts {
		staff := slices.ContainsFunc(bare, func(e register.Entry) bool { return e.MIS == a.mis && e.Kind == register.Staff })
		if staff == (a.mis == "") || !staff && a.role.Weighty() {
			t.Errorf("%s: staff %v", a.id, staff)
		}
	}
}
