package pki_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

// bench is a roll without TLS around it.
type bench struct {
	*pki.Roll
	clock   *clock
	log     *memlog.Log
	serials int64
}

func newBench(t interface{ Fatal(...any) }, over func(ledger.Appender) ledger.Appender) *bench {
	b := &bench{clock: &clock{t: start}}
	var err error
	if b.log, err = memlog.New("school", b.clock.now); err != nil {
		t.Fatal(err)
	}
	b.Roll = b.newRoll(over(b.log))
	return b
}

func plain(a ledger.Appender) ledger.Appender { return a }

func (b *bench) newRoll(log pki.Log) *pki.Roll {
	return pki.NewRoll(log, func() ledger.Stamp { return ledger.Stamp{Wall: b.clock.now()} }, b.clock.now)
}

func (b *bench) certify(cert.Subject) (*x509.Certificate, error) {
	b.serials++
	return &x509.Certificate{SerialNumber: big.NewInt(b.serials), NotAfter: b.clock.now().Add(pki.Life)}, nil
}

func TestInvitationsRefused(t *testing.T) {
	b := newBench(t, plain)
	for name, c := range map[string]struct {
		by  string
		who cert.Subject
	}{
		"nobody answers for it": {"", bankB},
		"no kind":               {office, cert.Subject{ID: "b"}},
		"a strange kind":        {office, cert.Subject{Kind: "pupil", ID: "b"}},
		"no id":                 {office, cert.Subject{Kind: cert.Bank}},
		"a capital id":          {office, cert.Subject{Kind: cert.Bank, ID: "B"}},
	} {
		_, _, err := b.Invite(t.Context(), c.by, c.who, false)
		wantCode(t, name, err, errs.Invalid)
	}
	if b.log.Size() != 1 {
		t.Error("a refused invitation is on the ledger")
	}
}

func TestOpenInvitationsAreBounded(t *testing.T) {
	b := newBench(t, plain)
	invite := func() error {
		_, _, err := b.Invite(t.Context(), office, bankB, false)
		return err
	}
	for range 2048 {
		if err := invite(); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, "one too many", invite(), errs.NotNow)
	b.clock.add(8 * 24 * time.Hour)
	wantCode(t, "a week later", invite(), "")
}

// A client may lose answer after answer, but not without end.
func TestLostAnswersAreBounded(t *testing.T) {
	b := newBench(t, plain)
	token, _, err := b.Invite(t.Context(), office, bankB, false)
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		if _, _, err := b.Redeem(t.Context(), token, "key", b.certify); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = b.Redeem(t.Context(), token, "key", b.certify)
	wantCode(t, "the ninth", err, errs.Conflict)
	if !b.Known("b", "8") {
		t.Error("the newest certificate does not count")
	}
}

// A lost answer can be asked for again also where the code replaced somebody.
func TestALostAnswerAfterAReplacement(t *testing.T) {
	b := newBench(t, plain)
	for _, key := range []string{"old", "new"} {
		token, _, err := b.Invite(t.Context(), office, bankB, true)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, _, err := b.Redeem(t.Context(), token, key, b.certify); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
	if b.Known("b", "2") || !b.Known("b", "4") {
		t.Error("the replaced one counts, or the new one does not")
	}
	for serial, want := range map[string]bool{"1": true, "2": true, "3": false, "4": false} {
		if b.Superseded("b", serial) != want {
			t.Errorf("certificate %s is of a machine that was replaced: %v", serial, !want)
		}
	}
}

// A ledger that fails lets nobody in: what is not on record did not happen.
func TestNobodyJoinsWithoutARecord(t *testing.T) {
	for _, fault := range []ledgertest.Fault{ledgertest.FailBefore, ledgertest.FailAfter} {
		b := newBench(t, func(a ledger.Appender) ledger.Appender {
			return &ledgertest.Faulty{Appender: a, Nth: 2, Fault: fault}
		})
		token, _, err := b.Invite(t.Context(), office, bankB, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.Redeem(t.Context(), token, "key", b.certify); err == nil {
			t.Error("somebody joined")
		}
		if b.Known("b", "1") || len(b.Members()) != 0 {
			t.Error("a certificate counts without a record")
		}
	}
}

func TestAnAuthorityThatFailsCostsNoCode(t *testing.T) {
	b := newBench(t, plain)
	token, _, err := b.Invite(t.Context(), office, bankB, false)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no entropy")
	_, _, err = b.Redeem(t.Context(), token, "key", func(cert.Subject) (*x509.Certificate, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Errorf("Redeem: %v", err)
	}
	if _, _, err := b.Redeem(t.Context(), token, "another", b.certify); err != nil {
		t.Errorf("the code is spent: %v", err)
	}
}

func TestFoldRefusesWhatItCannotRead(t *testing.T) {
	b := newBench(t, plain)
	for _, kind := range []string{pki.KindOpened, pki.KindRefused, pki.KindJoined, pki.KindRenewed, pki.KindRevoked} {
		r := ledger.Record{Entry: ledger.Entry{Kind: kind, Body: json.RawMessage(`{"id":7}`)}}
		if err := b.Fold(r); err == nil {
			t.Errorf("%s with a number for an id is taken", kind)
		}
	}
	if err := b.Fold(ledger.Record{Entry: ledger.Entry{Kind: "deposit-intended", Body: json.RawMessage(`{"id":7}`)}}); err != nil {
		t.Errorf("another book's record: %v", err)
	}
	half := ledger.Record{Entry: ledger.Entry{Kind: pki.KindOpened, Body: json.RawMessage(`{"id":"b","kind":"bank","token":"00","until":"2026-09-07T07:30:00Z","by":"x"}`)}}
	if err := b.Fold(half); err != nil {
		t.Fatal(err)
	}
	_, _, err := b.Redeem(t.Context(), joining.Token{}, "key", b.certify)
	wantCode(t, "a token of half a hash", err, errs.Denied)
}

// Whatever happens, a roll folded from the ledger answers as the one that wrote
// it, and a revoked certificate never counts again.
func TestRollAndItsLedgerAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(t, plain)
		ctx := context.Background()
		ids := []cert.Subject{bankB, phone, {Kind: cert.Device, ID: "b"}}
		var tokens []joining.Token
		dead := map[string]bool{}
		who := func() cert.Subject { return rapid.SampledFrom(ids).Draw(t, "who") }
		check := func(err error) {
			if err != nil && errs.CodeOf(err) == errs.Internal {
				t.Fatal(err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"invite": func(t *rapid.T) {
				token, _, err := b.Invite(ctx, office, who(), rapid.Bool().Draw(t, "replace"))
				check(err)
				if err == nil {
					tokens = append(tokens, token)
				}
			},
			"redeem": func(t *rapid.T) {
				if len(tokens) == 0 {
					return
				}
				_, _, err := b.Redeem(ctx, rapid.SampledFrom(tokens).Draw(t, "token"), rapid.SampledFrom([]string{"k1", "k2"}).Draw(t, "key"), b.certify)
				check(err)
			},
			"renew": func(t *rapid.T) {
				for _, m := range b.Members() {
					_, err := b.Renew(ctx, m.Subject, m.Serial, "k3", b.certify)
					check(err)
				}
			},
			"revoke": func(t *rapid.T) {
				s := who()
				for _, m := range b.Members() {
					if m.ID == s.ID && m.Serial != "" {
						dead[m.Serial] = true
					}
				}
				check(b.Revoke(ctx, office, s.ID))
			},
			"wait": func(t *rapid.T) {
				b.clock.add(time.Duration(rapid.IntRange(1, 3_000_000).Draw(t, "seconds")) * time.Second)
			},
			"restart": func(t *rapid.T) { compare(t, b, dead) },
		})
		compare(t, b, dead)
	})
}

// compare asks a roll that was just folded before the one in use: asking ends
// what was replaced.
func compare(t *rapid.T, b *bench, dead map[string]bool) {
	again := b.newRoll(b.log)
	if err := b.log.Read(context.Background(), 0, again.Fold); err != nil {
		t.Fatal(err)
	}
	old, fresh := b.Members(), again.Members()
	if len(old) != len(fresh) {
		t.Fatalf("members %v, folded %v", old, fresh)
	}
	for i, m := range old {
		if m != fresh[i] {
			t.Fatalf("member %v, folded %v", m, fresh[i])
		}
		if m.Serial != "" && again.Known(m.ID, m.Serial) != b.Known(m.ID, m.Serial) {
			t.Fatalf("%v counts on one side only", m)
		}
		for serial := range dead {
			if again.Known(m.ID, serial) || b.Known(m.ID, serial) {
				t.Fatalf("revoked serial %s counts", serial)
			}
		}
	}
}
