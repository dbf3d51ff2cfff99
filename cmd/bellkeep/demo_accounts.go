package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/phc"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// demoAccounts are a demonstration's, all with one password that everybody may
// know.
var demoAccounts = []struct {
	id, name string
	role     roles.Role
}{
	{demoUser, "Olive Office", roles.Office},
	{"office-two", "Otto Office", roles.Office},
	{demoSecond, "Hedda Head", roles.Head},
	{"deputy", "Della Deputy", roles.Leadership},
	{"dsl", "Dora Safeguarding", roles.DSL},
	{"it", "Ivo Informatics", roles.IT},
	{"teacher", "Tessa Teacher", roles.Teacher},
	{"exams", "Edwin Exams", roles.Exams},
	{"governor", "Greta Governor", roles.Governor},
	{"chair", "Clement Chair", roles.Chair},
	{"owner", "Orla Owner", roles.Owner},
}

// demoForm is the form of the demonstration's teacher, where there is one.
const demoForm = "9B"

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
		n := accounts.Brought{NewAccount: accounts.NewAccount{ID: a.id, Name: a.name}, Verifier: verifier, Assignment: roles.Assignment{Role: a.role}}
		if a.role == roles.Teacher {
			n.Forms = []string{d.teachersForm()}
		}
		list = append(list, n)
	}
	return d.server.Users.Bring(ctx, at, list...)
}

// teachersForm is demoForm, or the first form of a school without it.
func (d *demo) teachersForm() string {
	first := ""
	for _, p := range d.server.People.People() {
		if p.Kind != register.Pupil || p.Form == "" {
			continue
		}
		if p.Form == demoForm {
			return demoForm
		}
		if first == "" || p.Form < first {
			first = p.Form
		}
	}
	return first
}
