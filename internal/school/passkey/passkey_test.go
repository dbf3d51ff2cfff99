package passkey_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/passkey/passkeytest"
)

var wish = passkey.Wish{Bank: "e", Door: 1101, Item: "i-1", Kind: "hand-over", To: "h-1", Nonce: "00ff00ff00ff00ff00ff00ff00ff00ff"}

func ed(t *testing.T) *passkeytest.Authenticator {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return passkeytest.With("s-ed", key)
}

func TestVerify(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]*passkeytest.Authenticator{
		"ES256": passkeytest.New("s-1"), "EdDSA": ed(t), "RS256": passkeytest.With("s-rsa", rsaKey),
	} {
		t.Run(name, func(t *testing.T) {
			set := passkeytest.Set(a, passkeytest.New("s-other"))
			if err := set.Check(); err != nil {
				t.Fatal(err)
			}
			signed := a.Sign(wish)
			key, err := set.Verify(wish, signed)
			if err != nil || key.Person != a.Person || signed.Count() != 1 {
				t.Errorf("%s, %v, count %d", key.Person, err, signed.Count())
			}
			for part, bytes := range map[string][]byte{"the authenticator's data": signed.AuthData[33:], "the browser's": signed.ClientData[len(signed.ClientData)-1:], "the signature": signed.Signature[8:]} {
				bytes[0] ^= 1
				if _, err := set.Verify(wish, signed); err == nil {
					t.Errorf("it counts with %s changed", part)
				}
				bytes[0] ^= 1
			}
		})
	}
}

// What somebody signed for one thing is worth nothing for any other.
func TestOtherWishes(t *testing.T) {
	a := passkeytest.New("s-1")
	set, signed := passkeytest.Set(a), a.Sign(wish)
	for name, change := range map[string]func(*passkey.Wish){
		"another bank": func(w *passkey.Wish) { w.Bank = "f" }, "another door": func(w *passkey.Wish) { w.Door++ },
		"another device": func(w *passkey.Wish) { w.Item = "i-2" }, "another purpose": func(w *passkey.Wish) { w.Kind = "restore" },
		"somebody else": func(w *passkey.Wish) { w.To = "h-2" }, "another time": func(w *passkey.Wish) { w.Nonce = "1" + w.Nonce[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			w := wish
			change(&w)
			if _, err := set.Verify(w, signed); !errors.Is(err, passkey.ErrOtherWish) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	a, stranger := passkeytest.New("s-1"), passkeytest.New("s-2")
	set := passkeytest.Set(a)
	posing := stranger.Sign(wish)
	posing.Key = a.ID
	long := a.Sign(wish)
	long.ClientData = append(long.ClientData, bytes.Repeat([]byte(" "), passkey.MaxClientData)...)
	framed := a.Sign(wish)
	framed.ClientData = bytes.Replace(framed.ClientData, []byte(`"crossOrigin":false`), []byte(`"crossOrigin":true`), 1)
	created := a.Sign(wish)
	created.ClientData = bytes.Replace(created.ClientData, []byte("webauthn.get"), []byte("webauthn.create"), 1)
	for name, c := range map[string]struct {
		signed passkey.Assertion
		want   error
	}{
		"a key nobody knows":        {stranger.Sign(wish), passkey.ErrUnknownKey},
		"another's key":             {posing, passkey.ErrForged},
		"another site's key":        {a.SignAt(wish, "evil.test", passkeytest.Origin, 5), passkey.ErrOtherSite},
		"a page of another site":    {a.SignAt(wish, passkeytest.Site, "https://evil.test", 5), passkey.ErrOtherSite},
		"inside another page":       {framed, passkey.ErrOtherSite},
		"nobody there":              {a.SignAt(wish, passkeytest.Site, passkeytest.Origin, 4), passkey.ErrUnverified},
		"nobody knows who":          {a.SignAt(wish, passkeytest.Site, passkeytest.Origin, 1), passkey.ErrUnverified},
		"a new key's data":          {a.SignAt(wish, passkeytest.Site, passkeytest.Origin, 5|1<<6), passkey.ErrMalformed},
		"the making of a key":       {created, passkey.ErrMalformed},
		"too long":                  {long, passkey.ErrMalformed},
		"nothing but a key's name":  {passkey.Assertion{Key: a.ID}, passkey.ErrMalformed},
		"no authenticator's words":  {passkey.Assertion{Key: a.ID, ClientData: a.Sign(wish).ClientData}, passkey.ErrMalformed},
		"an empty one":              {passkey.Assertion{}, passkey.ErrUnknownKey},
		"a signature of nothing":    {passkey.Assertion{Key: a.ID, ClientData: a.Sign(wish).ClientData, AuthData: a.Sign(wish).AuthData}, passkey.ErrForged},
		"data cut off":              {passkey.Assertion{Key: a.ID, ClientData: a.Sign(wish).ClientData, AuthData: a.Sign(wish).AuthData[:36]}, passkey.ErrMalformed},
		"data with something after": {passkey.Assertion{Key: a.ID, ClientData: a.Sign(wish).ClientData, AuthData: append(a.Sign(wish).AuthData, 0)}, passkey.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := set.Verify(wish, c.signed); !errors.Is(err, c.want) {
				t.Errorf("%v, want: %v", err, c.want)
			}
		})
	}
}

// A vector put together by hand, of an Ed25519 key whose seed is 32 bytes of 7: any
// other program must come to the same bytes.
func TestVector(t *testing.T) {
	a := passkeytest.With("s-1", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)))
	sum := wish.Challenge()
	for got, want := range map[string]string{
		string(wish.Bytes()):               "bellkeep-wish-v1\ne\n1101\ni-1\nhand-over\nh-1\n00ff00ff00ff00ff00ff00ff00ff00ff\n",
		hex.EncodeToString(sum[:]):         "9b6d2131db43f80c004bd3a3c63103c55be43475a2fb0989929370ca6726c3a8",
		hex.EncodeToString(a.Key().Public): "a4010103272006215820ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c",
	} {
		if got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

func TestSets(t *testing.T) {
	a, b := passkeytest.New("s-1"), passkeytest.New("s-2")
	good := passkeytest.Set(a, b)
	if f := good.Fingerprint(); len(f) != 14 || f != passkeytest.Set(b, a).Fingerprint() || f == passkeytest.Set(a).Fingerprint() || !strings.HasPrefix(good.ID(), strings.ToLower(f[:4])) {
		t.Errorf("fingerprint %s of %s", f, good.ID())
	}
	if (passkey.Set{}).Fingerprint() != "" {
		t.Error("no keys have a fingerprint")
	}
	for name, spoil := range map[string]func(*passkey.Set){
		"no keys":            func(s *passkey.Set) { s.Keys = nil },
		"no site":            func(s *passkey.Set) { s.Site = "" },
		"no page":            func(s *passkey.Set) { s.Origins = nil },
		"another's page":     func(s *passkey.Set) { s.Origins = []string{"https://evil.test"} },
		"a page with a path": func(s *passkey.Set) { s.Origins = []string{passkeytest.Origin + "/x"} },
		"a key twice":        func(s *passkey.Set) { s.Keys = append(s.Keys, s.Keys[0]) },
		"nobody's key":       func(s *passkey.Set) { s.Keys[0].Person = "" },
		"a visitor's key":    func(s *passkey.Set) { s.Keys[0].Person = "x-1" },
		"no id":              func(s *passkey.Set) { s.Keys[0].ID = nil },
		"no key":             func(s *passkey.Set) { s.Keys[0].Public = s.Keys[0].Public[:9] },
		"too many": func(s *passkey.Set) {
			for range passkey.MaxKeys {
				k := s.Keys[0]
				k.ID = append([]byte{byte(len(s.Keys))}, k.ID...)
				s.Keys = append(s.Keys, k)
			}
		},
	} {
		s := passkeytest.Set(a, b)
		spoil(&s)
		if s.Check() == nil {
			t.Errorf("a set with %s is taken", name)
		}
	}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}

// Whatever comes from a browser, reading it ends, and nothing but what was signed
// counts.
func FuzzVerify(f *testing.F) {
	a := passkeytest.With("s-1", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)))
	set, good := passkeytest.Set(a), a.Sign(wish)
	f.Add(good.AuthData, good.ClientData, good.Signature)
	f.Add([]byte{}, []byte("{}"), []byte{})
	f.Fuzz(func(t *testing.T, auth, client, sig []byte) {
		_, err := set.Verify(wish, passkey.Assertion{Key: a.ID, AuthData: auth, ClientData: client, Signature: sig})
		if err == nil && !(bytes.Equal(auth, good.AuthData) && bytes.Equal(client, good.ClientData)) {
			t.Errorf("it counts: %x %s", auth, client)
		}
	})
}
