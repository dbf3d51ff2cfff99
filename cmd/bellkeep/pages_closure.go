package main

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges/print"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
	emergencies "github.com/bellkeep/bellkeep/web/school/closure"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// closurePages are the pages for the hours when the lockers cannot be used.
func closurePages(s *server.Server) emergencies.Config {
	return emergencies.Config{
		Book: s.Closure, Banks: s.Banks, Orders: s.Banks, People: closurePeople{s}, Whole: s.Banks.Board,
		Hides: func(item string) bool {
			return s.Concerns.Viewer() != "" && s.Concerns.Hidden(s.Concerns.Viewer()).Item(item)
		},
		PDF: func(title string, lines []emergencies.DoorLine, made time.Time) ([]byte, error) {
			list := make([]print.DoorLine, len(lines))
			for i, l := range lines {
				list[i] = print.DoorLine(l)
			}
			var pdf bytes.Buffer
			err := print.Doors(&pdf, s.School.Name+": "+title, list, made)
			return pdf.Bytes(), err
		},
	}
}

// closurePeople is the register as those pages see it, and what the banks know.
type closurePeople struct{ *server.Server }

// Name is a person's.
func (c closurePeople) Name(id string) (name, form string, ok bool) { return c.People.Name(id) }

// Staff are those on the roll, by name.
func (c closurePeople) Staff() []kit.Option {
	return options(c.People.People(), register.Staff)
}

// Search finds pupils.
func (c closurePeople) Search(query string) []kit.Option {
	return options(c.People.Search(query), register.Pupil)
}

func options(people []register.Person, kind register.Kind) []kit.Option {
	var list []kit.Option
	for _, p := range people {
		if p.Kind == kind && p.OnRoll() {
			text := p.Name()
			if p.Form != "" {
				text += " (" + p.Form + ")"
			}
			list = append(list, kit.Option{Value: p.ID, Text: text})
		}
	}
	slices.SortFunc(list, func(a, b kit.Option) int { return strings.Compare(a.Text, b.Text) })
	return list
}

// Known is what the banks' records say of a person's device at a moment.
func (c closurePeople) Known(person string, at time.Time) closure.Known {
	for _, e := range c.Banks.History(person) {
		if e.At.Wall.After(at) {
			continue
		}
		switch e.Kind {
		case locker.Deposited, locker.StillIn:
			return closure.Known{In: true, Bank: e.Bank, Door: e.Door}
		case locker.Collected, locker.NothingIn:
			return closure.Known{}
		}
	}
	return closure.Known{}
}
