package scenario

import (
	"context"
	"slices"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/passkey/passkeytest"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/consent"
)

// evidenceVerbs are what two people do together, each with a passkey.
var evidenceVerbs = []verb{
	{"ask-hand-over", "a member of staff", "Ask for a device to go to the police, and sign that with a passkey as the first of two.", []param{ofPupil,
		{name: "seal", kind: aText, needed: true, about: "the number of the seal"}, {name: "reference", kind: aText, needed: true, about: "the reference of the police"}}, askHandOver},
	{"ask-restore", "a member of staff", "Ask for a device to come out of evidence into one's hands, and sign that as the first of two.", []param{ofPupil}, askRestore},
	{"sign", "a member of staff", "Sign with a passkey what is asked for about a device; with the second signature its door opens, or it goes out of the safe.", []param{ofPupil}, sign},
}

// police is where a device is that went to them, in a script.
const police = "police"

// passkey is the pretend one of a member of staff.
func (p *person) passkey() *passkeytest.Authenticator { return passkeytest.Pretend(p.name, p.id) }

// approvers are the passkeys of those in the script whom a school's rules may name as
// one of two.
func (w *world) approvers() passkey.Set {
	var of []*passkeytest.Authenticator
	for _, p := range w.people {
		if len(approvers.Posts(p.roles, w.now)) > 0 {
			of = append(of, p.passkey())
		}
	}
	return passkeytest.Set(of...)
}

// told are the passkeys that every bank was told of when it joined; nil for those of
// fewer than two people.
func (w *world) told() *passkey.Set {
	set := w.approvers()
	if len(set.People()) < 2 {
		return nil
	}
	return &set
}

// signedFor are the banks as those see them who sign for one.
type signedFor struct{ *world }

func (s signedFor) Known(id string) (keys passkey.Set, count []string) {
	b, err := s.bank(id)
	if err != nil {
		return keys, nil
	}
	known := b.core.State().Approvers
	return known.Set, known.People(b.moment(b.id).School)
}

func (s signedFor) Approval(_ context.Context, id string) (nonce string, err error) {
	b, err := s.bank(id)
	if err == nil {
		b.handle(bridge.NonceAsked{Approval: true, Reply: func(n string) { nonce = n }})
	}
	return nonce, err
}

func (s signedFor) Order(_ context.Context, id string, o locker.Order) (seq uint64, refused string, err error) {
	b, err := s.bank(id)
	if err != nil {
		return 0, "", err
	}
	result, err := b.order(o)
	return result.Seq, string(result.Answer), err
}

func askHandOver(w *world, c call) error {
	return w.askTwo(c, consent.Ask{Kind: consent.HandOver, Paper: consent.Paper{Why: "Asked for by the police.", Officer: "PC Lowe", Collar: "4471", Force: "Avon and Somerset",
		Reference: c.text("reference"), Seal: c.text("seal"), State: "on-locked"}})
}

func askRestore(w *world, c call) error {
	return w.askTwo(c, consent.Ask{Kind: consent.Restore, Paper: consent.Paper{Why: "Nothing was found."}})
}

func (w *world) askTwo(c call, a consent.Ask) error {
	by, _, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	a.Item = i.ID
	r, err := w.books.Consents.Begin(context.Background(), by.deskBy(), a)
	if err == nil {
		_, err = w.books.Consents.Sign(context.Background(), by.deskBy(), r.ID, by.passkey().Sign(r.Wish))
	}
	return err
}

func sign(w *world, c call) error {
	by, of, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	asked := w.books.Consents.Of(i.ID)
	open := slices.IndexFunc(asked, func(r consent.Request) bool { return r.Answered.IsZero() })
	if open < 0 {
		return wrong("Nothing is asked for about the device of %s.", of.name)
	}
	r := asked[open]
	if r, err = w.books.Consents.Sign(context.Background(), by.deskBy(), r.ID, by.passkey().Sign(r.Wish)); err != nil || len(r.Signs) < 2 {
		return err
	}
	if r.Wish.Bank == consent.School {
		w.moves(of, isGone+police)
		return nil
	}
	b, err := w.bank(r.Wish.Bank)
	if err != nil {
		return err
	}
	if r.Refused != "" {
		return refusedBy(b, locker.Answer(r.Refused))
	}
	to := isGone + police
	if r.Kind == consent.Restore {
		to = inHands + by.name
	}
	w.after(toDoor, func() {
		if b.open[r.Wish.Door] {
			w.moves(of, to)
		}
	})
	w.after(toDoor+atWork, func() { b.shut(r.Wish.Door) })
	return nil
}
