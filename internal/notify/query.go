package notify

import (
	"context"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Get finds a notice. Errors: not found.
func (b *Book) Get(id string) (Notice, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if n := b.notices[id]; n != nil {
		return *n, nil
	}
	return Notice{}, errs.New(errs.NotFound, "There is no such notice.", "Look at the list of notices.")
}

// List is all notices, the newest first.
func (b *Book) List() []Notice { return b.where(func(*Notice) bool { return true }) }

// Of is all notices about a case or an item, the newest first.
func (b *Book) Of(about string) []Notice {
	return b.where(func(n *Notice) bool { return n.About == about })
}

// Text is what a notice says, and to which address; without one it is a slip.
type Text struct{ Address, Subject, Text string }

// Text reads a notice's text for whoever may see it. Errors: not found (there is
// no such notice, or its text has been erased), invalid, unavailable.
func (b *Book) Text(ctx context.Context, id string) (Text, error) {
	n, err := b.Get(id)
	if err != nil {
		return Text{}, err
	}
	l, err := b.letter(ctx, n.content)
	return Text{l.Address, l.Subject, l.Text}, err
}

// Slip is the text of a notice on paper; showing it records nothing, see
// Printed. Errors: those of Text, conflict (it goes by e-mail), denied (it is for
// somebody who must not be contacted any more).
func (b *Book) Slip(ctx context.Context, id string) (Text, error) {
	n, err := b.Get(id)
	if err == nil && n.Way != Slip {
		err = errs.New(errs.Conflict, "This notice goes by e-mail and has no slip.", "Prepare another one on paper.")
	}
	if err == nil {
		err = b.forbidden(n)
	}
	if err != nil {
		return Text{}, err
	}
	return b.Text(ctx, id)
}

func (b *Book) where(match func(*Notice) bool) []Notice {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []Notice
	for _, n := range slices.Backward(b.order) {
		if match(n) {
			list = append(list, *n)
		}
	}
	return list
}
