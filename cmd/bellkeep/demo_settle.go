package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// settleIn does what a school does before its first day: people are imported,
// badges given out, banks and devices join.
func (d *demo) settleIn(ctx context.Context) error {
	fmt.Fprintf(d.out, "Setting up %s ...\n", d.school.Name)
	if err := d.importPeople(ctx); err != nil {
		return err
	}
	if err := d.makeAccounts(ctx); err != nil {
		return err
	}
	if err := errors.Join(d.keepRegisters(ctx), d.declare(ctx)); err != nil {
		return err
	}
	if err := d.giveBadges(ctx); err != nil {
		return err
	}
	exempt, stopped, err := d.decide(ctx)
	if err != nil {
		return err
	}
	for _, b := range d.banks {
		if b.cast, err = d.castBank(ctx, b.id, d.seed, exempt, stopped); err != nil {
			return err
		}
		if err := b.joinSchool(ctx); err != nil {
			return err
		}
		if err := b.open(); err != nil {
			return err
		}
		if err := b.openWorld(ctx); err != nil {
			return err
		}
	}
	d.byHand = d.castByHand(d.seed, exempt)
	if err := d.cards.write(d.cardFile()); err != nil {
		return err
	}
	d.agents, err = d.joinDevices(ctx)
	return err
}

// importPeople brings the register up to the school's export, or to the roll of
// a school that keeps its people in a file.
func (d *demo) importPeople(ctx context.Context) error {
	roll, err := d.roll()
	if err != nil {
		return err
	}
	var setups []locker.Setup
	if d.school.Imported {
		for _, b := range d.banks {
			setups = append(setups, b.config.Setup)
		}
	}
	if _, err := importRoster(ctx, d.server.People, "demo", withStaff(roll), setups, register.Stated{}, nil); err != nil {
		return err
	}
	var placed []register.Placement
	for _, p := range d.school.Pupils {
		if now, ok := d.server.People.Person(p.ID); ok && now.Bank == "" {
			placed = append(placed, register.Placement{Person: p.ID, Place: locker.Place{Bank: p.Bank, Door: p.Door}})
		}
	}
	return d.server.People.Assign(ctx, "demo", placed)
}

func (d *demo) roll() (register.Roll, error) {
	if d.school.Imported {
		return readRoll(filepath.Join(d.folder, "oneroster"), filepath.Join(d.folder, "contacts.csv"), d.day)
	}
	var roll register.Roll
	for _, p := range d.school.Pupils {
		roll.People = append(roll.People, rollEntry(p))
	}
	return roll, nil
}

func rollEntry(p roster.Pupil) register.Entry {
	given, family, _ := strings.Cut(p.Name, " ")
	return register.Entry{ID: p.ID, Kind: register.Pupil, Details: register.Details{MIS: p.ID, Given: given, Family: family, Form: p.Form}}
}

// cards are what pupils carry. The school keeps none of it: this file belongs to
// the pretend world.
type cards map[string]school.Token

func (d *demo) cardFile() string { return filepath.Join(d.data, "cards-of-pretend-pupils.csv") }

// giveBadges gives everybody a badge who has none.
func (d *demo) giveBadges(ctx context.Context) (err error) {
	if d.cards, err = readCards(d.cardFile()); err != nil {
		return err
	}
	var without []string
	for _, p := range d.server.People.People() {
		if _, has := d.cards[p.ID]; !has && p.Kind == register.Pupil {
			without = append(without, p.ID)
		}
	}
	if len(without) == 0 {
		return nil
	}
	fresh, err := d.server.Badges.IssueTo(ctx, demoUser, without...)
	for _, f := range fresh {
		d.cards[f.Person] = f.Token
	}
	return errors.Join(err, d.cards.write(d.cardFile()))
}

func readCards(path string) (cards, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return cards{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "The cards of the pretend pupils cannot be read.", "Choose a new data folder.")
	}
	list := cards{}
	for _, row := range rows {
		if list[row[0]], err = school.ParseBadge(row[1]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (c cards) write(path string) error {
	var text strings.Builder
	for id, token := range c {
		fmt.Fprintf(&text, "%s,%s\n", id, token.Badge())
	}
	return durable.WriteFile(path, []byte(text.String()), 0o600)
}

// demoExempt is how many pupils may keep their phones, for reasons nobody sees.
const demoExempt = 4

// decide gives a few pupils permission to keep their phones, and stops one:
// on the first day, unless the school's file has said so.
func (d *demo) decide(ctx context.Context) (exempt, stopped map[string]bool, err error) {
	exempt, stopped = map[string]bool{}, map[string]bool{}
	for _, g := range slices.Concat(d.school.Grants, d.server.Desk.Grants(d.clock.Now()), d.server.Exceptions.Grants()) {
		exempt[g.Person] = exempt[g.Person] || g.Kind == locker.MayKeep
	}
	for _, b := range append(d.school.Bars, d.server.Desk.Bars()...) {
		stopped[b.Subject.Person] = true
	}
	if len(exempt)+len(stopped) > 0 {
		return exempt, stopped, nil
	}
	pupils := d.pupils()
	random := mathrand.New(mathrand.NewPCG(d.seed, 0xdecd))
	for _, i := range random.Perm(len(pupils))[:min(demoExempt+1, len(pupils))] {
		if len(exempt) == demoExempt {
			stopped[pupils[i]] = true
			_, err = d.server.Desk.Place(ctx, demoUser, desk.Stop, locker.Subject{Person: pupils[i]})
			return exempt, stopped, err
		}
		exempt[pupils[i]] = true
		if err = d.except(ctx, pupils[i]); err != nil {
			return exempt, stopped, err
		}
	}
	return exempt, stopped, nil
}

// except lets the office ask for a pupil's exception, and the head approve it.
func (d *demo) except(ctx context.Context, person string) error {
	head, _ := d.server.Users.Standing(demoSecond)
	id, err := d.ask(ctx, demoUser, person, 10, exception.Paper{Why: "A phone that shows and passes on glucose readings.", Evidence: "Care plan on file."})
	if err != nil {
		return err
	}
	return d.server.Exceptions.Approve(ctx, exceptions.By{Actor: head.Actor, Head: true}, id)
}

// leaveToHead lets the teacher ask for a pupil of the own form, and leaves that to
// whoever signs in as head; not again while something waits.
func (d *demo) leaveToHead(ctx context.Context) error {
	for _, e := range d.server.Exceptions.All() {
		if d.server.Exceptions.State(e) == exception.Waiting {
			return nil
		}
	}
	for _, p := range d.server.People.People() {
		if p.Kind == register.Pupil && p.Form == d.teachersForm() && !d.server.Exceptions.Exempt(p.ID) {
			_, err := d.ask(ctx, demoTeacher, p.ID, 1, exception.Paper{Why: "Hears through the phone until the hearing aid is back from repair."})
			return err
		}
	}
	return nil
}

// ask asks for a pupil's phone all day, for so many months from today.
func (d *demo) ask(ctx context.Context, account, person string, months int, why exception.Paper) (id string, err error) {
	by, _ := d.server.Users.Standing(account)
	from := d.day.At(school.Clock{}, d.school.Calendar.Zone)
	until := from.AddDate(0, months, 0)
	return d.server.Exceptions.Ask(ctx, exceptions.By{Actor: by.Actor}, exception.Terms{
		Kind: exception.Medical, Person: person, Scope: exception.AllDay, From: from, Until: until, Review: from.Add(until.Sub(from) / 2),
	}, why)
}

// pupils are the ids of all pupils, by name: the same from run to run.
func (d *demo) pupils() []string {
	var list []string
	for _, p := range d.server.People.People() {
		if p.Kind == register.Pupil {
			list = append(list, p.ID)
		}
	}
	return list
}
