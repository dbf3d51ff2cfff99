package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/continuity"
	"github.com/bellkeep/bellkeep/internal/continuity/print"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/consent"
	"github.com/bellkeep/bellkeep/web/school/handover"
)

// sheets makes continuity sheets. It verifies each before anybody gets it.
type sheets struct{ *server.Server }

func (s sheets) make(ctx context.Context, item string, names bool) (handover.Sheet, error) {
	made, later, err := s.Sheet(ctx, item)
	if err != nil {
		return handover.Sheet{}, err
	}
	data, err := made.Encode()
	if err != nil {
		return handover.Sheet{}, err
	}
	report, err := continuity.Verify(made)
	if err != nil {
		return handover.Sheet{}, err
	}
	name := "continuity-" + item
	i, err := s.Custody.Item(item)
	if err != nil {
		return handover.Sheet{}, err
	}
	w := witness{s.Server, names}
	paper := print.Paper{School: made.School, Item: item, About: w.about(i), Moves: w.moves(i), Report: report, Sum: continuity.Sum(data), File: name + ".json", Later: later,
		Made: made.Made.In(s.School.Calendar.Zone)}
	for _, r := range s.Consents.Of(item) {
		if r.Done() && paper.Signed == nil {
			if paper.Handed, err = w.handed(ctx, r); err != nil {
				return handover.Sheet{}, err
			}
			paper.Signed = w.signed(r)
		}
	}
	var pdf bytes.Buffer
	err = print.PDF(&pdf, paper)
	return handover.Sheet{PDF: pdf.Bytes(), Data: data, Name: name}, err
}

// witness says what a sheet says, with names for whoever may see them.
type witness struct {
	*server.Server
	names bool
}

func (w witness) at(t time.Time) string {
	return t.In(w.School.Calendar.Zone).Format("2 Jan 2006, 15:04:05")
}

// person is who an id or an account is.
func (w witness) person(id string) string {
	if a, known := w.Users.Get(id); known {
		id = a.Person
	}
	name, _, known := w.People.Name(id)
	if known && w.names {
		return name
	}
	return id
}

func (w witness) about(i desk.Item) []print.Fact {
	facts := []print.Fact{{Key: "Device", Value: string(i.What)}, {Key: "First received", Value: w.at(i.Since)}}
	if i.Whose != "" {
		facts = append(facts, print.Fact{Key: "Whose", Value: w.person(i.Whose)})
	}
	return facts
}

func (w witness) moves(i desk.Item) []print.Move {
	var list []print.Move
	for _, step := range i.Trail {
		m := print.Move{At: w.at(step.Place.Since), What: w.place(step.Place), By: w.person(step.By), Record: "the school’s"}
		if step.Ref.Bank != "" {
			m.Record = fmt.Sprintf("bank %s, epoch %d, %d", step.Ref.Bank, step.Ref.Epoch, step.Ref.Seq)
		}
		list = append(list, m)
	}
	return list
}

func (w witness) place(p desk.Place) string {
	switch p.Kind {
	case desk.Behind:
		return fmt.Sprintf("Behind door %d of bank %s", p.Door, p.Bank)
	case desk.Hands:
		return "In the hands of " + w.person(p.Person)
	case desk.Gone:
		return map[desk.To]string{desk.ToPolice: "Handed to the police", desk.ToOwner: "Given to its owner", desk.ToParent: "Given to a parent"}[p.To]
	}
	return "At " + p.Spot
}

func (w witness) handed(ctx context.Context, r consent.Request) ([]print.Fact, error) {
	if r.Kind != consent.HandOver {
		return nil, nil
	}
	words, err := w.Consents.Words(ctx, r)
	if err != nil {
		return nil, err
	}
	left, err := w.Consents.Left(ctx, r)
	if err != nil {
		return nil, err
	}
	facts := []print.Fact{{Key: "Officer", Value: words.Officer + ", " + words.Collar + ", " + words.Force}, {Key: "Reference", Value: words.Reference},
		{Key: "Seal or bag", Value: words.Seal}, {Key: "The device was", Value: string(words.State)}, {Key: "Receipt", Value: cmp.Or(left.Number, "not yet on record")}}
	if !left.At.IsZero() {
		facts = append(facts, print.Fact{Key: "Taken", Value: w.at(left.At)})
	}
	return facts, nil
}

func (w witness) signed(r consent.Request) []print.Fact {
	var list []print.Fact
	for _, s := range r.Signs {
		list = append(list, print.Fact{Key: w.at(s.At), Value: w.person(s.Person)})
	}
	return list
}
