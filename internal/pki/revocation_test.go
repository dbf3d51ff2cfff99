package pki_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
)

var bankA = cert.Subject{Kind: cert.Bank, ID: "a"}

func nobody(string) bool { return false }

// give lets a client join, or renew if it has joined, and tells the serial.
func (b *bench) give(t *testing.T, who cert.Subject, replace bool) string {
	t.Helper()
	token, _, err := b.Invite(t.Context(), office, who, replace)
	wantCode(t, "a code", err, "")
	_, c, err := b.Redeem(t.Context(), token, "key", b.certify)
	wantCode(t, "joining", err, "")
	return cert.Serial(c)
}

// What a broker must refuse is whatever was given out, has life left and does not
// count, and all certificates of somebody who is held.
func TestBarred(t *testing.T) {
	b := newBench(t, plain)
	want := func(when string, held func(string) bool, serials ...string) {
		t.Helper()
		slices.Sort(serials)
		if got := b.Barred(held); !slices.Equal(got, serials) {
			t.Errorf("%s: %v are barred, want %v", when, got, serials)
		}
		if got := b.again(t).Barred(held); !slices.Equal(got, serials) {
			t.Errorf("%s, read from the ledger: %v are barred, want %v", when, got, serials)
		}
	}
	first, other := b.give(t, bankA, false), b.give(t, bankB, false)
	want("nobody is revoked", nobody)
	want("one is held", func(id string) bool { return id == bankB.ID }, other)

	b.clock.add(time.Hour)
	c, err := b.Renew(t.Context(), bankA, first, "key", b.certify)
	wantCode(t, "renewal", err, "")
	second := cert.Serial(c)
	want("both count for a while", nobody)
	b.clock.add(pki.Grace)
	want("the grace is over", nobody, first)

	third := b.give(t, bankA, true)
	want("another machine is in its place", nobody, first, second)
	if err := b.Revoke(t.Context(), office, bankA.ID); err != nil {
		t.Fatal(err)
	}
	want("all are revoked", nobody, first, second, third)
	b.clock.add(pki.Life - pki.Grace)
	want("two have run out", nobody, third)
}

func (b *bench) again(t *testing.T) *pki.Roll {
	t.Helper()
	r := b.newRoll(b.log)
	if err := b.log.Read(t.Context(), 0, r.Fold); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestInvited(t *testing.T) {
	b := newBench(t, plain)
	invite := func() {
		_, _, err := b.Invite(t.Context(), office, bankB, false)
		wantCode(t, "a code", err, "")
	}
	if b.Invited(bankB.ID) {
		t.Error("invited without a code")
	}
	invite()
	if !b.Invited(bankB.ID) || b.Invited(bankA.ID) {
		t.Error("the code is not known, or is anybody's")
	}
	b.clock.add(pki.InvitationLife)
	if b.Invited(bankB.ID) {
		t.Error("the code has run out")
	}
	invite()
	wantCode(t, "withdrawn", b.Revoke(t.Context(), office, bankB.ID), "")
	if b.Invited(bankB.ID) {
		t.Error("the code was withdrawn")
	}
}

// Certificates with life left are bounded: a broker's list has to name them.
func TestCertificatesWithLifeLeftAreBounded(t *testing.T) {
	b := newBench(t, plain)
	serial := b.give(t, bankA, false)
	var err error
	n := 1
	for ; n < 1000 && err == nil; n++ {
		b.clock.add(2 * time.Minute)
		var c *x509.Certificate
		if c, err = b.Renew(t.Context(), bankA, serial, "key", b.certify); err == nil {
			serial = cert.Serial(c)
		}
	}
	wantCode(t, "one too many", err, errs.NotNow)
	if n > 70 {
		t.Errorf("after %d certificates", n)
	}
	b.clock.add(pki.Life - time.Hour)
	_, err = b.Renew(t.Context(), bankA, serial, "key", b.certify)
	wantCode(t, "when most have run out", err, "")
}

func TestRevocationList(t *testing.T) {
	c := &clock{t: start}
	a := open(t, t.TempDir(), c)
	parse := func(text []byte) *x509.RevocationList {
		t.Helper()
		block, _ := pem.Decode(text)
		if block == nil {
			t.Fatalf("no PEM: %q", text)
		}
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil || list.CheckSignatureFrom(a.CA()) != nil {
			t.Fatalf("%v, or not signed by the authority", err)
		}
		return list
	}
	make := func(old []byte, serials ...string) []byte {
		t.Helper()
		text, err := a.RevocationList(old, serials)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	empty := make(nil)
	if l := parse(empty); len(l.RevokedCertificateEntries) != 0 || l.ThisUpdate.After(c.now()) || !l.NextUpdate.Equal(a.CA().NotAfter) {
		t.Errorf("the first list is %+v", l)
	}
	if !bytes.Equal(make(empty), empty) {
		t.Error("the same list is made twice")
	}
	one := make(empty, "1f", "ff00")
	if l := parse(one); len(l.RevokedCertificateEntries) != 2 || l.RevokedCertificateEntries[0].SerialNumber.Int64() != 0x1f {
		t.Errorf("the next list is %+v", l)
	}
	if !parse(one).ThisUpdate.After(parse(empty).ThisUpdate) {
		t.Error("two lists of one second: a broker may go on by the first")
	}
	c.add(25 * time.Hour)
	if next := make(one, "1f", "ff00"); bytes.Equal(next, one) {
		t.Error("a day later it is not made anew")
	}
	c.add(-50 * time.Hour)
	if l := parse(make(one, "1f", "ff00")); l.ThisUpdate.After(c.now()) {
		t.Error("a list is dated into the future: nobody could connect")
	}
	for name, old := range map[string][]byte{"noise": []byte("x"), "another PEM": []byte("-----BEGIN X-----\n-----END X-----\n"), "a broken one": empty[:len(empty)/2]} {
		if l := parse(make(old, "1f")); len(l.RevokedCertificateEntries) != 1 {
			t.Errorf("after %s: %+v", name, l)
		}
	}
}
