package phc

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

// cheap is the verifier of 271828 at the least cost there is, so that tests of
// the format need not wait.
func cheap() verifier {
	v := verifier{cost: cost{memory: 8, passes: 1, lanes: 1}, salt: []byte("somewhat salty")}
	v.hash = v.hashOf("271828", hashBytes)
	return v
}

func TestHashAndVerify(t *testing.T) {
	text, err := Hash("271828", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Hash("271828", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if other == text {
		t.Error("two verifiers of one secret are alike: there is no salt")
	}
	for secret, want := range map[string]bool{"271828": true, "271829": false, "": false, strings.Repeat("2", maxSecret+1): false} {
		if got := Verify(text, secret); got != want {
			t.Errorf("Verify(%.20q) = %v", secret, got)
		}
	}
	if _, err := Hash("271828", failing{}); err == nil {
		t.Error("a verifier without a salt")
	}
}

// The hash is that of the reference implementation: its argon2 program, told
// "password" with the salt "somesalt", -id -t 2 -k 64 -p 1 -l 24, says so.
func TestReferenceVector(t *testing.T) {
	v := verifier{cost: cost{memory: 64, passes: 2, lanes: 1}, salt: []byte("somesalt")}
	want := []byte{0x06, 0x8d, 0x62, 0xb2, 0x64, 0x55, 0x93, 0x6a, 0xa6, 0xeb, 0xe6, 0x00, 0x60, 0xb0, 0xa6, 0x58, 0x70, 0xdb, 0xfa, 0x3d, 0xdf, 0x8d, 0x41, 0xf7}
	if got := v.hashOf("password", uint32(len(want))); !bytes.Equal(got, want) {
		t.Errorf("hash %x", got)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("no chance") }

// A verifier that is damaged, or asks for more than a bank has, fits nothing.
func TestVerifyRefuses(t *testing.T) {
	good := cheap().String()
	if !Verify(good, "271828") {
		t.Fatal("the good one does not fit")
	}
	change := func(from, to string) string { return strings.Replace(good, from, to, 1) }
	for name, text := range map[string]string{
		"empty":          "",
		"plain":          "271828",
		"another make":   change("argon2id", "argon2i"),
		"another year":   change("v=19", "v=16"),
		"much memory":    change("m=8", "m=65537"),
		"many passes":    change("t=1", "t=5"),
		"no passes":      change("t=1", "t=0"),
		"no lanes":       change("p=1", "p=0"),
		"written oddly":  change("m=8", "m=08"),
		"short hash":     good[:strings.LastIndexByte(good, '$')+9],
		"one more field": good + "$",
		"padded":         good + "=",
		"long":           good + strings.Repeat("A", maxText),
	} {
		if Verify(text, "271828") {
			t.Errorf("%s: %s fits", name, text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(cheap().String())
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parse(text)
		if err == nil && (v.String() != text || !v.bounded()) {
			t.Errorf("%q was read as %s", text, v)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	text, err := Hash("271828", rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		Verify(text, "271829")
	}
}
