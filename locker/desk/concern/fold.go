package concern

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Fold takes in a record of the school's ledger; kinds of others are ignored. What
// is sealed and cannot be read for want of the key leaves a file that says so.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	if !strings.HasPrefix(r.Kind, Prefix) {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	var t text
	sealed := e.Content != "" && !b.Texts.Open()
	if !sealed {
		if err := vault.Read(context.Background(), b.Texts, e.Content, &t); err != nil { // one local file: there is nothing to wait for
			return ledger.Unreadable(r, err)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.version++
	mark := Mark{e.By, e.Person, r.Stamp.Wall.UTC()}
	if r.Kind == KindLooked {
		b.looks[look{e.File, e.Person}] = mark.At
	}
	if r.Kind == KindOpened {
		if e.File == "" || b.files[e.File] != nil {
			return ledger.Unreadable(r, errors.New("no new file"))
		}
		b.files[e.File] = &File{ID: e.File, Raised: mark, Seized: t.Seized}
		b.order = append(b.order, e.File)
	}
	f := b.files[e.File]
	if f == nil {
		return nil // a look at what is not there
	}
	f.Sealed = f.Sealed || sealed
	b.join(f, e)
	f.fold(r.Kind, e, t, mark)
	return nil
}

// join notes which devices and holds a file is about.
func (b *Book) join(f *File, e body) {
	for _, one := range []struct {
		id   string
		list *[]string
	}{{e.Item, &f.Items}, {e.Case, &f.Cases}, {e.Bar, &f.Bars}} {
		if one.id != "" && !slices.Contains(*one.list, one.id) {
			*one.list = append(*one.list, one.id)
			b.of[one.id] = append(b.of[one.id], f)
		}
	}
}

func (f *File) fold(kind string, e body, t text, mark Mark) {
	entry := Entry{N: len(f.Entries) + 1, Record: kind, Kind: t.Kind, Text: t.Text, Ref: t.Ref, Corrects: e.Entry, Mark: mark}
	switch kind {
	case KindOpened, KindSorted:
		f.Area = t.Area
		for _, p := range t.About { // whoever a file was once about never sees it
			if !slices.Contains(f.About, p) {
				f.About = append(f.About, p)
			}
		}
		f.sortAs(t.Category)
		if kind == KindSorted {
			entry.Text = strings.TrimSpace(t.Category.Words() + ". " + t.Text)
		}
	case KindAcknowledged:
		if !f.Acknowledged.Some() {
			f.Acknowledged = mark
		}
	case KindStep:
		if l := f.line(t.Step); l != nil {
			l.State, l.Until, l.Why, l.Ref, l.Mark = t.State, t.Until, "", t.Ref, mark
			if t.State == NotNeeded {
				l.Why = t.Text
			}
			entry.Text = stepWords(*l, t.Text)
		}
	case KindAction:
		f.Actions = append(f.Actions, Action{N: entry.N, Text: t.Text, Owner: t.Owner, Due: t.Until})
	case KindActionDone:
		if n := slices.IndexFunc(f.Actions, func(a Action) bool { return a.N == e.Entry }); n >= 0 {
			f.Actions[n].Done, f.Actions[n].Came = mark, t.Text
		}
		entry.Corrects = 0
	case KindClosed:
		f.Closed, f.Outcome = mark, t.Outcome
		entry.Text = strings.TrimSpace(t.Outcome.Words() + ". " + t.Text)
	case KindReopened:
		f.Closed, f.Outcome = Mark{}, ""
	}
	f.Entries = append(f.Entries, entry)
}

func stepWords(l Line, said string) string {
	words := l.Text + ": "
	switch l.State {
	case Done:
		words += "done. "
	case NotNeeded:
		words += "not needed, because "
	default:
		words += "open. "
	}
	return strings.TrimSpace(words + said)
}

// readable refuses work on a file whose text cannot be read.
func (f File) readable() error {
	if f.Sealed {
		return errs.New(errs.Unavailable, "The text of this file is locked: its key is not on this computer.",
			"Two people bring it back from its paper halves: bellkeep safeguarding recover. Then start Bellkeep again.")
	}
	return nil
}
