package main

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/phc"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// demoAccounts are a demonstration's, all with one password that everybody may
// know. Each belongs to the member of staff of that id in the school's information
// system; a school that lists none gets them under these names, and the chair of
// governors, who approves things, is entered like staff. The governor is not in
// the register.
var demoAccounts = []struct {
	id, mis       string
	given, family string
	role          roles.Role
}{
	{demoUser, "S-OFFICE-1", "Olive", "Office", roles.Office},
	{"office-two", "S-OFFICE-2", "Otto", "Office", roles.Office},
	{demoSecond, "S-HEAD", "Hedda", "Head", roles.Head},
	{"deputy", "S-DEPUTY", "Della", "Deputy", roles.Leadership},
	{"dsl", "S-DSL", "Dora", "Safeguarding", roles.DSL},
	{"it", "S-IT", "Ivo", "Informatics", roles.IT},
	{demoTeacher, "T-Sc-2", "Tessa", "Teacher", roles.Teacher},
	{"exams", "S-EXAMS", "Edwin", "Exams", roles.Exams},
	{"governor", "", "Greta", "Governor", roles.Governor},
	{"chair", "S-CHAIR", "Clement", "Chair", roles.Chair},
	{"owner", "S-BUSINESS", "Orla", "Owner", roles.Owner},
}

// withStaff adds to a roll the staff that it lacks for the demonstration's
// accounts.
func withStaff(roll register.Roll) register.Roll {
	for _, a := range demoAccounts {
		known := slices.ContainsFunc(roll.People, func(e register.Entry) bool { return e.MIS == a.mis })
		if a.mis != "" && !known {
			roll.People = append(roll.People, register.Entry{Kind: register.Staff, Details: register.Details{MIS: a.mis, Given: a.given, Family: a.family}})
		}
	}
	return roll
}

// demoForms are forms of the demonstration's teacher: its tutor's at Elmfield, and
// one of a primary school whose pupils have phones.
var demoForms = []string{"9B", "Year 6"}

// demoSince is how long before the day played the accounts were made: long
// enough for their holders to approve things.
const demoSince = 7 * 24 * time.Hour

// makeAccounts makes the demonstration's accounts where there are none.
func (d *demo) makeAccounts(ctx context.Context) error {
	verifier, err := phc.Hash(demoSecret, rand.Reader)
	if err != nil {
		return err
	}
	at := ledger.Stamp(d.now())
	at.Wall = d.morning(d.day).Add(-demoSince).UTC()
	var list []accounts.Brought
	for _, a := range demoAccounts {
		person, _ := d.server.People.ByMIS(a.mis)
		n := accounts.Brought{NewAccount: accounts.NewAccount{ID: a.id, Person: person.ID, Name: a.given + " " + a.family}, Verifier: verifier, Assignment: roles.Assignment{Role: a.role}}
		if slices.Contains(demoApprovers, a.role) {
			n.Passkey = demoPasskey(a.id, person.ID).Credential()
		}
		if a.role == roles.Teacher {
			n.Forms = []string{d.teachersForm()}
		}
		list = append(list, n)
	}
	return d.server.Users.Bring(ctx, at, list...)
}

// teachersForm is one of demoForms, or the first form of a school without them.
func (d *demo) teachersForm() string {
	first := ""
	for _, p := range d.server.People.People() {
		if p.Kind != register.Pupil || p.Form == "" {
			continue
		}
		if slices.Contains(demoForms, p.Form) {
			return p.Form
		}
		if first == "" || p.Form < first {
			first = p.Form
		}
	}
	return first
}
