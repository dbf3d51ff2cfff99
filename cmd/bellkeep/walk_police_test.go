package main

import (
	"crypto/ecdsa"
	"crypto/x509"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Two people hand a held device to the police: each with a passkey of their own, in a
// browser of their own, for what stands before both. Nobody alone gets it out.
func TestWalkPolice(t *testing.T) {
	w := openWorkday(t, "bank-e.yaml")
	w.at(13, 9)
	item, door := w.seized()

	dsl := w.withPasskey(t, "dsl", atDesk)
	dsl.press("Two people")
	dsl.press("Door " + door + " of Bank E")
	dsl.sees("Hand it to the police", "A hold stands on this device", "Not while a hold stands on it")
	dsl.press("Go on to sign")
	dsl.sees("There is a problem", "This is empty.")
	dsl.fill("Officer", "PC Rowan Lowe")
	dsl.fill("Collar number", "4471")
	dsl.fill("Force", "Avon and Somerset")
	dsl.fill("Reference of the police", "46/123456/26")
	dsl.fill("Number of the seal or bag", "A0093341")
	dsl.choose("On, locked")
	dsl.fill("Why does it go?", "Asked for by the police.")
	dsl.press("Go on to sign")
	dsl.sees("Waits for the first signature", "PC Rowan Lowe", "A0093341", "the headteacher and the safeguarding lead")
	request := dsl.path()
	dsl.press("Sign with your passkey")
	dsl.sees("Signed by one; waits for the second", "You have signed; somebody else must sign too.")
	if i, _ := w.server.Custody.Item(item); i.Place.Kind != desk.Behind {
		t.Fatalf("one person alone got it out: %+v", i.Place)
	}

	head := w.withPasskey(t, demoSecond, zoomed)
	head.press("Today")
	head.sees("Something waits for a second person’s passkey.")
	head.press("Look and sign")
	head.prove()
	if head.path() != request {
		t.Fatalf("led to %s", head.path())
	}
	head.sees("PC Rowan Lowe", "4471", "Avon and Somerset", "46/123456/26", "A0093341", "On, locked", "Signed by "+w.holder("dsl"))
	head.press("Sign with your passkey")
	head.sees("Both signed; the bank did it")
	w.takeOutAt("e", item)
	w.await("the device to be with the police", func() bool {
		i, _ := w.server.Custody.Item(item)
		return i.Place.Kind == desk.Gone && i.Place.To == desk.ToPolice && i.Trail[len(i.Trail)-1].Agreed != ""
	})
	dsl.at(request)
	dsl.prove()
	dsl.sees("The door is shut")
	dsl.fill("Number of the officer’s receipt", "R-77")
	dsl.press("Record it")
	dsl.sees("R-77", "Both signed; the bank did it")
	dsl.at("/handover/" + item)
	dsl.sees("With the police", "Both signed; the bank did it")
	dsl.seesNot("Go on to sign")

	i, _ := w.server.Custody.Item(item)
	if file, err := w.server.Custody.Case(i.Case); err != nil || file.Outcome != desk.HandedToPolice {
		t.Errorf("its case ended %q, %v", file.Outcome, err)
	}
	for _, e := range w.server.Banks.ItemHistory(item) {
		if e.Kind == locker.Intent && e.Purpose == locker.HandOver && len(e.Signed) == 2 {
			return
		}
	}
	t.Error("the bank's ledger has no two signatures")
}

// seized is a phone that may hold an indecent image, behind an evidence door.
func (w *workday) seized() (item, door string) {
	w.t.Helper()
	file, err := w.server.Custody.Confiscate(w.t.Context(), w.by("teacher"), desk.Confiscation{Whose: w.pupils("9B")[0].ID, What: desk.Phone, Reason: desk.PossibleImage,
		Zone: desk.Corridor, Taken: w.clock.Now().Add(-4 * time.Minute), Considered: true, Account: desk.Account{Condition: "On, locked."}})
	w.must(err)
	ordered, err := w.server.Custody.Put(w.t.Context(), w.by("office"), file.Item, "e", locker.ClassEvidence)
	w.must(err)
	done, err := w.server.Banks.Order(w.t.Context(), ordered.Bank, ordered.Order)
	w.must(err)
	if done.Refused != "" {
		w.t.Fatalf("refused: %s", done.Refused)
	}
	w.await("the evidence door to open", func() bool { return w.bank("e").world.Door(done.Door).Open })
	w.hands(w.bank("e").world.PutIn, done.Door, file.Item)
	w.await("the device behind it", func() bool {
		i, _ := w.server.Custody.Item(file.Item)
		return i.Place.Kind == desk.Behind
	})
	i, _ := w.server.Custody.Item(file.Item)
	return file.Item, strconv.Itoa(i.Place.Door)
}

// takeOutAt takes an item out of the door of a bank that stands open.
func (w *workday) takeOutAt(bank, item string) {
	w.t.Helper()
	b := w.bank(bank)
	opened := 0
	w.await("a door to open", func() bool {
		for door := range b.config.Setup.All() {
			if b.world.Door(door).Open {
				opened = door
			}
		}
		return opened != 0
	})
	w.hands(b.world.TakeOut, opened, item)
}

// withPasskey is somebody signed in under the name that passkeys are for, whose
// browser has the pretend passkey of their account.
func (w *workday) withPasskey(t *testing.T, account string, size window) *walker {
	t.Helper()
	p := w.walk(t, account, size)
	p.base = strings.Replace(p.base, "127.0.0.1", "localhost", 1)
	a, _ := w.server.Users.Get(account)
	key := demoPasskey(account, a.Person)
	private, err := x509.MarshalPKCS8PrivateKey(key.Signer.(*ecdsa.PrivateKey))
	w.must(err)
	_, err = chromedp.Call(p.Ctx, webauthn.Enable, webauthn.EnableParams{})
	w.must(err)
	added, err := chromedp.Call(p.Ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	w.must(err)
	add := cdp.Command[map[string]any, cdp.Empty]{Method: webauthn.CommandAddCredential} // without the newest members, which this browser refuses
	_, err = chromedp.Call(p.Ctx, add, map[string]any{"authenticatorId": added.AuthenticatorID, "credential": map[string]any{
		"credentialId": key.ID, "rpId": w.server.Site, "privateKey": private, "isResidentCredential": false, "signCount": 0,
	}})
	w.must(err)
	p.at("/sign-in")
	p.fill("Account name", account)
	p.fill("Password", demoSecret)
	p.press("Sign in")
	return p
}
