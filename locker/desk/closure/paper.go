package closure

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// What is what happened, by a list on paper.
type What string

// What may have.
const (
	PutIn    What = "in"  // a device went behind a door
	TakenOut What = "out" // it came out, into its owner's hands
	ToDesk   What = "desk"
)

var whats = []What{PutIn, TakenOut, ToDesk}

// Line is one line of a list on paper, typed in afterwards.
type Line struct {
	ID      string
	Typed   Act
	What    What
	Bank    string
	Door    int
	Person  string    // whose device
	At      time.Time // when it happened, as the paper says
	Witness string    // the member of staff who ticked it
	Against string    // what on record it contradicts, "" for nothing
}

const (
	mostPaper   = 5000               // lines kept at hand
	paperWithin = 7 * 24 * time.Hour // after which a line is not typed in any more
	sameWithin  = time.Minute        // of each other two lines that say the same are one
)

type paperBody struct {
	What    What      `json:"what"`
	Bank    string    `json:"bank"`
	Door    int       `json:"door"`
	Whose   string    `json:"whose"`
	At      time.Time `json:"at"`
	Witness string    `json:"witness"`
	Against string    `json:"against,omitempty"`
}

func (p paperBody) line(id string, typed Act) Line {
	return Line{ID: id, Typed: typed, What: p.What, Bank: p.Bank, Door: p.Door, Person: p.Whose, At: p.At, Witness: p.Witness, Against: p.Against}
}

// Known is what the banks' records say of a person's device at the moment of a line.
type Known struct {
	In   bool
	Bank string // with In
	Door int
}

// against says what on record a line contradicts, "" for nothing. known is what the
// banks say; the last line before it of the same person counts for more, for a bank
// that was off saw none of it.
func (b *Book) against(l Line, known Known) string {
	var last time.Time
	for _, e := range b.Paper() { // of two at one moment the one typed last
		if e.Person == l.Person && !e.At.After(l.At) && e.At.After(last) {
			known, last = Known{In: e.What == PutIn, Bank: e.Bank, Door: e.Door}, e.At
		}
	}
	switch {
	case l.What == PutIn && known.In:
		return "a device of theirs was behind a door already"
	case l.What != PutIn && !known.In:
		return "nothing of theirs was behind a door then"
	case l.What != PutIn && (known.Bank != l.Bank || known.Door != l.Door):
		return "their device was behind another door"
	}
	return ""
}

// Type takes in a line from paper. One that says again what another says is refused;
// one that contradicts the record is refused unless despite says that the paper is
// right, and then says what it contradicts. Errors: invalid, conflict.
func (b *Book) Type(ctx context.Context, who school.Actor, l Line, known Known, despite bool) error {
	b.command.Lock()
	defer b.command.Unlock()
	if err := named(who); err != nil {
		return err
	}
	if err := b.check(l); err != nil {
		return err
	}
	for _, e := range b.Paper() {
		if e.Person == l.Person && e.What == l.What && e.Bank == l.Bank && e.Door == l.Door && e.At.Sub(l.At).Abs() < sameWithin {
			return errs.New(errs.Conflict, "That line was typed in already.", "Go on with the next one.")
		}
	}
	l.Against = b.against(l, known)
	if l.Against != "" && !despite {
		return errs.At("despite", "That contradicts the record: "+l.Against, "Look at the paper again. If it is right, tick that it is.")
	}
	_, err := b.write(ctx, who, KindPaper, body{Paper: &paperBody{l.What, l.Bank, l.Door, l.Person, l.At.UTC(), l.Witness, l.Against}})
	return err
}

func (b *Book) check(l Line) error {
	var all []error
	add := func(wrong bool, field, text, next string) {
		if wrong {
			all = append(all, errs.At(field, text, next))
		}
	}
	now := b.stamp().Wall
	add(!slices.Contains(whats, l.What), "what", "Say what happened", "")
	add(!school.ValidID(l.Bank) || l.Door < 1, "door", "Give the bank and the door", "As the paper has them.")
	add(!school.ValidID(l.Person), "person", "Say whose device it is", "Type a part of the name.")
	add(!school.Known(l.Witness) || !school.ValidID(l.Witness), "witness", "Say who ticked it", "It is somebody of the staff.")
	add(l.At.After(now), "at", "That is in the future", "Give the time on the paper.")
	add(l.At.Before(now.Add(-paperWithin)), "at", "That is more than a week ago", "Look at the date.")
	return errors.Join(all...)
}
