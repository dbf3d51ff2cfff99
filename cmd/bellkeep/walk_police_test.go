package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/bellkeep/bellkeep/internal/continuity"
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
	dsl.sees("There is a problem", "The collar number is missing.")
	dsl.asksForHandOver()
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
	w.await("the bank's newest checkpoint", func() bool {
		c, _ := w.server.Banks.Copy("e")
		_, later, err := w.server.Sheet(t.Context(), item)
		return err == nil && later == 0 && c.LastCheckpoint() != nil
	})
	paper, proofs := dsl.downloads("Continuity sheet (PDF)"), dsl.downloads("its proofs as a file")
	if !strings.HasPrefix(string(paper), "%PDF") {
		t.Errorf("no paper: %.40q", paper)
	}
	s, err := continuity.Decode(proofs)
	w.must(err)
	if report, err := continuity.Verify(s); err != nil || len(report.Ledgers) != 2 || len(report.Signed) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	if dir := os.Getenv("BELLKEEP_SCREENSHOTS"); dir != "" {
		w.must(os.WriteFile(filepath.Join(dir, "continuity.pdf"), paper, 0o600))
		w.must(os.WriteFile(filepath.Join(dir, "continuity.json"), proofs, 0o600))
	}

	w.verifiedInABrowser(t, proofs)
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

// What is in the school's safe goes to the police by two passkeys as well, from the
// page of its file; the sheet proves that anywhere.
func TestWalkPoliceAtTheSafe(t *testing.T) {
	w := openWorkday(t, "bank-e.yaml")
	w.at(13, 9)
	raised, err := w.server.Custody.Confiscate(t.Context(), w.by("teacher"), desk.Confiscation{Whose: w.pupils("9B")[0].ID, What: desk.Phone, Reason: desk.PossibleImage,
		Zone: desk.Corridor, Taken: w.clock.Now().Add(-4 * time.Minute), Considered: true, Account: desk.Account{Condition: "On, locked."}})
	w.must(err)
	w.must(w.server.Custody.Move(t.Context(), w.by("office"), raised.Item, desk.At("leadership-safe")))

	dsl := w.withPasskey(t, "dsl", zoomed)
	dsl.press("Two people")
	dsl.sees("Held, in a safe or in somebody’s hands")
	dsl.at("/handover/" + raised.Item)
	dsl.sees("Hand it to the police", "give it to the officer when both have signed, not before")
	dsl.asksForHandOver()
	dsl.sees("Hand a device that the school keeps to the police", "Waits for the first signature")
	request := dsl.path()
	dsl.press("Sign with your passkey")
	dsl.sees("Signed by one; waits for the second")
	if i, _ := w.server.Custody.Item(raised.Item); !i.Open() {
		t.Fatalf("one person alone gave it away: %+v", i.Place)
	}
	head := w.withPasskey(t, demoSecond, atDesk)
	head.at(request)
	head.press("Sign with your passkey")
	head.sees("Both signed; it is with the police")
	i, _ := w.server.Custody.Item(raised.Item)
	if i.Place.To != desk.ToPolice || i.Trail[len(i.Trail)-1].Agreed == "" {
		t.Fatalf("%+v", i.Place)
	}
	dsl.at("/bars")
	dsl.sees("The police have the device since")
	dsl.at("/handover/" + raised.Item)
	dsl.sees("With the police")
	dsl.seesNot("Go on to sign")
	s, err := continuity.Decode(dsl.downloads("its proofs as a file"))
	w.must(err)
	if report, err := continuity.Verify(s); err != nil || len(report.Signed) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

// asksForHandOver fills in who comes for a device, and goes on to sign.
func (p *walker) asksForHandOver() {
	p.fill("Officer", "PC Rowan Lowe")
	p.fill("Collar number", "4471")
	p.fill("Force", "Avon and Somerset")
	p.fill("Reference of the police", "46/123456/26")
	p.fill("Number of the seal or bag", "A0093341")
	p.choose("On, locked")
	p.fill("Why does it go?", "Asked for by the police.")
	p.press("Go on to sign")
}

// verifiedInABrowser opens the page that verifies sheets from a file, as an officer
// might: a good sheet is good there, and one byte that is not as it was makes it bad.
func (w *workday) verifiedInABrowser(t *testing.T, proofs []byte) {
	t.Helper()
	dir := t.TempDir()
	page, good, bad := filepath.Join(dir, "verify.html"), filepath.Join(dir, "good.json"), filepath.Join(dir, "bad.json")
	w.must(os.WriteFile(page, continuity.Page(), 0o600))
	w.must(os.WriteFile(good, proofs, 0o600))
	s, err := continuity.Decode(proofs)
	w.must(err)
	leaf := s.Ledgers[1].Records[len(s.Ledgers[1].Records)-1].Leaf
	leaf[bytes.Index(leaf, []byte(`"at":"20`))+len(`"at":"20`)]-- // ten years before
	spoilt, err := s.Encode()
	w.must(err)
	w.must(os.WriteFile(bad, spoilt, 0o600))
	another, lying := filepath.Join(dir, "another.json"), filepath.Join(dir, "lying.json")
	w.must(os.WriteFile(another, bytes.Replace(proofs, []byte(`"item": "i-`), []byte(`"item": "i-7`), 1), 0o600))
	w.must(os.WriteFile(lying, bytes.Replace(proofs, []byte(`"school": "`), []byte(`"school": "Signed by all.\n`), 1), 0o600))
	tab := w.browser.Apart(t, 900, 900)
	tab.Go("file://" + page)
	for _, c := range []struct{ file, class, words string }{
		{good, "good", "Everything on this sheet holds. Two people signed"}, {bad, "bad", "This sheet does not verify. Because record 11 is not on bellkeep/e/1"}, {good, "good", continuity.Sum(proofs)},
		{another, "bad", "is about another device"}, {lying, "bad", "its heading is not one line of text"},
	} {
		tab.Do(chromedp.SetUploadFiles("#file", []string{c.file}))
		tab.Wait(fmt.Sprintf(`document.querySelector("#verdict").className == %q && document.body.innerText.replace(/\s+/g, " ").includes(%q)`, c.class, c.words))
		tab.Clean()
		tab.Shot("continuity-"+c.class, true)
	}
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
