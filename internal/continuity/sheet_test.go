package continuity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/passkey/passkeytest"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

var at = time.Date(2026, 11, 23, 13, 9, 0, 0, time.UTC)

// made is the sheet of a device that went to the police, from ledgers on disk.
func made(t *testing.T) Sheet { return signedFor(t, 1101) }

// signedFor is that sheet where the two signed for some door.
func signedFor(t *testing.T, door int) Sheet {
	t.Helper()
	head, dsl := passkeytest.New("s-head"), passkeytest.New("s-dsl")
	set := passkeytest.Set(head, dsl)
	o := locker.Order{Kind: locker.OrderEvidence, Item: "i-1", Door: door, Purpose: locker.HandOver, To: "h-1", Approval: "n-1"}
	intent := locker.Event{Kind: locker.Intent, Door: 1101, Purpose: locker.HandOver, Body: locker.Body{Item: "i-1", Attempt: 1, To: "h-1", Approval: "n-1", Approvals: [2]string{"s-head", "s-dsl"}}}
	intent.Signed = append(intent.Signed, head.Sign(o.Wish("e")), dsl.Sign(o.Wish("e")))
	events := []locker.Event{
		{Kind: locker.ApproversLearned, Body: locker.Body{Keys: &set, AtOnce: true}},
		{Kind: locker.Started}, {Kind: locker.Deposited, Door: 1101, Body: locker.Body{Item: "i-1"}}, {Kind: locker.Help},
		intent, {Kind: locker.Collected, Door: 1101, Body: locker.Body{Item: "i-1"}},
	}
	var entries []ledger.Entry
	for i, e := range events {
		e.At = school.Instant{Wall: at.Add(time.Duration(i) * time.Minute), Trusted: true, Boot: "b"}
		entry, err := record.Entry(e)
		must(t, err)
		entries = append(entries, entry)
	}
	bank := gathered(t, "e", entries)
	var list []ledger.Entry
	for i, kind := range []string{"case-opened", "bell-rung", "item-taken-in"} {
		list = append(list, ledger.Entry{Kind: kind, Stamp: ledger.Stamp{Wall: at.Add(time.Duration(i) * time.Hour), Trusted: true}, Body: json.RawMessage(fmt.Sprintf(`{"item":"i-%d"}`, 1+i%2))})
	}
	return Sheet{V: Version, School: "Elmfield Academy", Item: "i-1", Made: at, Ledgers: []Ledger{gathered(t, "school", list), bank}}
}

func gathered(t *testing.T, writer string, entries []ledger.Entry) Ledger {
	t.Helper()
	log, err := boltlog.Open(t.TempDir(), boltlog.Options{Writer: writer, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: at} }})
	must(t, err)
	defer log.Close()
	ctx := context.Background()
	_, err = log.Append(ctx, entries...)
	must(t, err)
	_, err = log.Checkpoint(ctx)
	must(t, err)
	g, err := Gather(ctx, log, log.LastCheckpoint(), "i-1")
	must(t, err)
	if g.Later != 0 {
		t.Fatalf("%d records are not signed for", g.Later)
	}
	return g.Ledger
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestVerify(t *testing.T) {
	data, err := made(t).Encode()
	must(t, err)
	s, err := Decode(data)
	must(t, err)
	r, err := Verify(s)
	must(t, err)
	if len(r.Ledgers) != 2 || r.Ledgers[1].Records != 5 || len(r.Steps) != 6 || len(r.Signed) != 1 || r.Signed[0].Persons != [2]string{"s-head", "s-dsl"} || r.Signed[0].Wish.Bank != "e" {
		t.Errorf("%+v", r)
	}
}

// One byte that is not as it was, anywhere, and the sheet proves nothing.
func TestOneByte(t *testing.T) {
	good, err := made(t).Encode()
	must(t, err)
	start := strings.Index(string(good), `"ledgers"`)
	for i := start; i < len(good)-8; i++ {
		if c := good[i]; !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			continue
		}
		bad := append([]byte(nil), good...)
		bad[i] ^= 1
		s, err := Decode(bad)
		if err != nil {
			continue
		}
		if _, err := Verify(s); err == nil {
			again, _ := s.Encode()
			if string(again) != string(good) { // base64 has bits that say nothing
				t.Fatalf("it verifies with %q at %d: ...%s...", bad[i], i, bad[max(0, i-30):i+10])
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, spoil := range map[string]func(s *Sheet){
		"another's checkpoint":  func(s *Sheet) { s.Ledgers[0].Checkpoint = s.Ledgers[1].Checkpoint },
		"another's key":         func(s *Sheet) { s.Ledgers[0].Key = s.Ledgers[1].Key },
		"no opening":            func(s *Sheet) { s.Ledgers[1].Records = s.Ledgers[1].Records[1:] },
		"a record twice":        func(s *Sheet) { l := &s.Ledgers[1]; l.Records = append(l.Records, l.Records[len(l.Records)-1]) },
		"a record elsewhere":    func(s *Sheet) { s.Ledgers[1].Records[2].Seq = 1 },
		"a proof of another":    func(s *Sheet) { r := s.Ledgers[1].Records; r[1].Proof = r[2].Proof },
		"nobody's keys":         func(s *Sheet) { l := &s.Ledgers[1]; l.Records = append(l.Records[:1:1], l.Records[2:]...) },
		"another ledger's leaf": func(s *Sheet) { s.Ledgers[1].Records[2].Leaf = s.Ledgers[0].Records[1].Leaf },
		"no records":            func(s *Sheet) { s.Ledgers[0].Records = nil },
		"another device":        func(s *Sheet) { s.Item = "i-2" },
		"no device":             func(s *Sheet) { s.Item = "" },
		"lines of its own": func(s *Sheet) {
			s.School += ": all holds.\nRecord 9 of bellkeep/e/1 was signed by s-head and by s-dsl."
		},
		"a terminal's commands":  func(s *Sheet) { s.School += "\x1b[2A" },
		"a checkpoint of nobody": func(s *Sheet) { s.Ledgers[0].Checkpoint = "" },
	} {
		t.Run(name, func(t *testing.T) {
			s := made(t)
			spoil(&s)
			if _, err := Verify(s); err == nil {
				t.Error("it verifies")
			}
		})
	}
}

// A bank that let a device out for what two people signed about another door has no
// two who agreed, whatever its ledger says.
func TestSignedForAnother(t *testing.T) {
	if _, err := Verify(signedFor(t, 1102)); err == nil || !strings.Contains(err.Error(), "a signature in record") {
		t.Errorf("%v", err)
	}
}

// What two people signed at the school itself, for a device in a safe, is checked by
// the keys that its own record names.
func TestSignedAtTheSchool(t *testing.T) {
	head, dsl := passkeytest.New("s-head"), passkeytest.New("s-dsl")
	for name, c := range map[string]struct {
		spoil func(w *passkey.Wish, keys *passkey.Set, both *[]passkey.Assertion)
		why   string // "" when it verifies
	}{
		"both":            {func(*passkey.Wish, *passkey.Set, *[]passkey.Assertion) {}, ""},
		"one alone":       {func(_ *passkey.Wish, _ *passkey.Set, both *[]passkey.Assertion) { *both = (*both)[:1] }, "not signed by two"},
		"nobody":          {func(_ *passkey.Wish, _ *passkey.Set, both *[]passkey.Assertion) { *both = nil }, "not signed by two"},
		"one twice":       {func(_ *passkey.Wish, _ *passkey.Set, both *[]passkey.Assertion) { (*both)[1] = (*both)[0] }, "one person twice"},
		"another wish":    {func(w *passkey.Wish, _ *passkey.Set, _ *[]passkey.Assertion) { w.Item = "i-2" }, "does not count"},
		"of another bank": {func(w *passkey.Wish, _ *passkey.Set, _ *[]passkey.Assertion) { w.Bank = "e" }, "what is not its own"},
		"other keys": {func(_ *passkey.Wish, keys *passkey.Set, _ *[]passkey.Assertion) {
			*keys = passkeytest.Set(passkeytest.New("s-head"), dsl)
		}, "does not count"},
	} {
		t.Run(name, func(t *testing.T) {
			wish, keys := passkey.Wish{Bank: "school", Item: "i-1", Kind: "hand-over", To: "h-1", Nonce: "n-1"}, passkeytest.Set(head, dsl)
			both := []passkey.Assertion{head.Sign(wish), dsl.Sign(wish)}
			c.spoil(&wish, &keys, &both)
			body, err := json.Marshal(map[string]any{"item": "i-1", "wish": wish, "keys": keys, "both": both})
			must(t, err)
			s := made(t)
			s.Ledgers = []Ledger{gathered(t, "school", []ledger.Entry{{Kind: "consent-answered", Stamp: ledger.Stamp{Wall: at}, Body: body}})}
			r, err := Verify(s)
			if c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why)) {
				t.Errorf("%v", err)
			}
			if c.why == "" && (err != nil || len(r.Signed) != 1 || r.Signed[0].Persons != [2]string{"s-head", "s-dsl"}) {
				t.Errorf("%+v, %v", r.Signed, err)
			}
		})
	}
}

// Whoever signs a ledger's checkpoint with a key of their own does not have the key
// that the ledger was opened with.
func TestAnothersKey(t *testing.T) {
	s := made(t)
	l := &s.Ledgers[1]
	secret, public, err := note.GenerateKey(rand.Reader, "bellkeep/e/1")
	must(t, err)
	signer, err := note.NewSigner(secret)
	must(t, err)
	text, _, _ := strings.Cut(l.Checkpoint, "\n\n")
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, signer)
	must(t, err)
	l.Key, l.Checkpoint = public, string(signed)
	if _, err := Verify(s); err == nil || !strings.Contains(err.Error(), "opened with another key") {
		t.Errorf("%v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":1,"ledgers":[{"key":"x","checkpoint":"","records":[{"seq":0,"leaf":"","proof":[]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := Decode(data); err == nil {
			if _, err := Verify(s); err == nil {
				t.Error("bytes out of nowhere verify")
			}
		}
	})
}
