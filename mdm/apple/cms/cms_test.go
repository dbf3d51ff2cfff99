package cms

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"github.com/bellkeep/bellkeep/mdm/apple/cms/cmstest"
)

// open are objects in objects that zero bytes end.
func open(levels int) []byte {
	return slices.Concat(bytes.Repeat([]byte{0x30, 0x80}, levels), []byte{5, 0}, make([]byte, 2*levels))
}

// closed are objects in objects that say how long they are.
func closed(levels int) (b []byte) {
	b = []byte{5, 0}
	for range levels {
		n := len(b)
		b = append([]byte{0x30, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, b...)
		if n < 1<<16 {
			b = append([]byte{0x30, 0x82, byte(n >> 8), byte(n)}, b[5:]...)
		}
		if n < 1<<8 {
			b = append([]byte{0x30, 0x81, byte(n)}, b[4:]...)
		}
	}
	return b
}

func message(t testing.TB) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s, err := pkcs7.NewSignedData([]byte("content"))
	if err == nil {
		err = s.AddSigner(cert, key, pkcs7.SignerInfoConfig{})
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDepth(t *testing.T) {
	for what, c := range map[string]struct {
		ber  []byte
		good bool
	}{
		"a message":                   {message(t), true},
		"a few with an open end":      {open(maxDepth), true},
		"one too many":                {open(maxDepth + 1), false},
		"a few that say how long":     {closed(maxDepth), true},
		"one too many that do":        {closed(maxDepth + 1), false},
		"very many":                   {open(10_000), false},
		"very many that say":          {closed(10_000), false},
		"very many beside each other": {append([]byte{0x30, 0x82, 0x4e, 0x20}, bytes.Repeat([]byte{0x30, 0}, 10_000)...), true},
		"by a long tag":               {bytes.Repeat([]byte{0x3f, 1, 0x80}, 10_000), false},
		"one longer than it may be":   {cmstest.Longer(1), false},
		"very many that are longer":   {cmstest.Longer(1000), false},
		"a text that is longer":       {[]byte{0x30, 3, 4, 2, 1, 1}, false},
		"zero bytes that end nothing": {append(bytes.Repeat([]byte{0x30, 0x80, 0, 0}, 1000), make([]byte, 2000)...), false},
		"zero bytes too late":         {[]byte{0x30, 4, 0x30, 0x80, 5, 0, 0, 0}, false},
		"a text with an open end":     {[]byte{0x30, 4, 4, 0x80, 0, 0}, false},
		"a message and more":          {append(message(t), 0x30), true},
		"nothing":                     {nil, false},
		"half a length":               {[]byte{0x30, 0x84, 1}, false},
	} {
		if err := Check(c.ber); (err == nil) != c.good {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What the tests of others call a bomb is one to the reader.
func TestTheBombIsOne(t *testing.T) {
	if cost := cmstest.Cost(func() { _, _ = pkcs7.Parse(cmstest.Bomb()) }); cost < 2*cmstest.Much {
		t.Errorf("it costs %d", cost)
	}
}

// What is let through costs its reader little, whatever it is.
func FuzzCheck(f *testing.F) {
	f.Add(message(f))
	f.Add(open(40))
	f.Add(closed(40))
	f.Add(cmstest.Longer(16))
	f.Add(bytes.Repeat([]byte{0x30, 0x80, 0, 0}, 100))
	f.Add([]byte{0x3f, 0x80})
	f.Fuzz(func(t *testing.T, ber []byte) {
		if len(ber) > 64<<10 || Check(ber) != nil {
			return
		}
		defer func() { _ = recover() }() // of its reader, which its callers catch
		if cost := cmstest.Cost(func() { _, _ = pkcs7.Parse(ber) }); cost > cmstest.Much {
			t.Errorf("%d bytes cost %d", len(ber), cost)
		}
	})
}
