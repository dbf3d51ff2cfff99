package change

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
)

// Rebase makes a request that was overtaken anew on the last version: the old one
// is cancelled, and all who must agree are asked again. Errors: conflict where both
// changed the same thing, or the two do not go together, and those of Ask.
func (b *Book) Rebase(ctx context.Context, by By, id string) (Request, error) {
	b.command.Lock()
	defer b.command.Unlock()
	if err := by.May(roles.AskDeviceChange, b.Stamp().Wall); err != nil {
		return Request{}, err
	}
	r, last, err := b.decidable(id, false)
	if err != nil {
		return Request{}, err
	}
	if r.Base == last.N {
		return Request{}, errs.New(errs.Conflict, "This was made on the last version.", "It needs nothing but agreement.")
	}
	base, _ := b.Version(r.Base)
	rules, clashes := Merge(base.Rules, r.Rules, last.Rules)
	if len(clashes) > 0 {
		return Request{}, errs.New(errs.Conflict, "Both changes touch "+strings.Join(clashes, ", ")+".", "Cancel this one and ask for it anew.")
	}
	from := r.From
	if from.Before(last.From) {
		from = last.From
	}
	if from.Before(b.Stamp().Wall) {
		from = time.Time{}
	}
	cancelled, err := b.cancelling(ctx, by, id, fmt.Sprintf("Made anew on version %d.", last.N))
	if err != nil {
		return Request{}, err
	}
	return b.ask(ctx, by, Ask{Base: last.N, Rules: rules, From: from, Why: r.Why, Risk: r.Risk}, cancelled)
}

// Merge lays what a request changed, from base to mine, over what has changed
// meanwhile, from base to theirs. clashes names what both changed, each in its own
// way.
func Merge(base, mine, theirs mdm.Rules) (out mdm.Rules, clashes []string) {
	clash := func(what, id string) { clashes = append(clashes, strings.TrimSpace("the "+what+" "+id)) }
	out.Groups = merge(base.Groups, mine.Groups, theirs.Groups, func(g mdm.Group) string { return g.ID }, func(id string) { clash("group", id) })
	out.Lists = merge(base.Lists, mine.Lists, theirs.Lists, func(l mdm.List) string { return l.ID }, func(id string) { clash("list", id) })
	out.Profiles = merge(base.Profiles, mine.Profiles, theirs.Profiles, func(p mdm.Profile) string { return p.ID }, func(id string) { clash("profile", id) })
	out.Assignments = merge(base.Assignments, mine.Assignments, theirs.Assignments, func(a mdm.Assignment) string { return fmt.Sprint(a) }, nil)
	switch {
	case reflect.DeepEqual(mine.Quarantine, base.Quarantine), reflect.DeepEqual(mine.Quarantine, theirs.Quarantine):
		out.Quarantine = theirs.Quarantine
	case reflect.DeepEqual(theirs.Quarantine, base.Quarantine):
		out.Quarantine = mine.Quarantine
	default:
		clash("quarantine", "")
	}
	if err := out.Validate(); err != nil && len(clashes) == 0 { // what one took out the other uses
		clashes = append(clashes, "something that no longer fits: "+errs.All(err)[0].Message)
	}
	return out, clashes
}

func merge[T any](base, mine, theirs []T, key func(T) string, clash func(id string)) (out []T) {
	find := func(list []T, id string) *T {
		n := slices.IndexFunc(list, func(v T) bool { return key(v) == id })
		if n < 0 {
			return nil
		}
		return &list[n]
	}
	var ids []string
	for _, v := range slices.Concat(theirs, mine) {
		if !slices.Contains(ids, key(v)) {
			ids = append(ids, key(v))
		}
	}
	for _, v := range base { // gone from one, changed in the other
		if !slices.Contains(ids, key(v)) {
			ids = append(ids, key(v))
		}
	}
	for _, id := range ids {
		b, m, t := find(base, id), find(mine, id), find(theirs, id)
		won := t
		switch {
		case reflect.DeepEqual(m, b), reflect.DeepEqual(m, t):
		case reflect.DeepEqual(t, b):
			won = m
		default:
			clash(id)
		}
		if won != nil {
			out = append(out, *won)
		}
	}
	return out
}
