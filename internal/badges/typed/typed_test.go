package typed

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawn makes a code from given bytes.
func drawn(t *rapid.T) Code {
	c, err := New(bytes.NewReader(rapid.SliceOfN(rapid.Byte(), length-1, length-1).Draw(t, "random")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCodesAreReadAsTheyArePrinted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		for _, text := range []string{c.Text(), strings.ToLower(c.Text()), strings.ReplaceAll(c.Text(), "-", " "), c.text, strings.NewReplacer("0", "o", "1", "l").Replace(c.Text())} {
			if got, err := Parse(text); err != nil || got != c {
				t.Fatalf("%q is read as %q, %v", text, got.text, err)
			}
		}
		if len(c.Text()) != 9 || strings.ContainsAny(c.Text(), "ILOU") {
			t.Fatalf("%q is not fit to be typed", c.Text())
		}
	})
}

// Every wrong character and every swap of two is noticed.
func TestSlipsAreNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		for i := range c.text {
			for _, other := range []byte(alphabet) {
				if wrong := []byte(c.text); other != wrong[i] {
					wrong[i] = other
					refused(t, c, string(wrong))
				}
			}
			for j := range i {
				if wrong := []byte(c.text); wrong[i] != wrong[j] {
					wrong[i], wrong[j] = wrong[j], wrong[i]
					refused(t, c, string(wrong))
				}
			}
		}
	})
}

func refused(t *rapid.T, c Code, wrong string) {
	if _, err := Parse(wrong); err == nil {
		t.Fatalf("%s is taken for %s", wrong, c.text)
	}
}

func TestKnownCode(t *testing.T) {
	c, err := New(bytes.NewReader([]byte{0, 0, 0, 0, 0, 0, 1}))
	if err != nil || c.Text() != "0000-0012" {
		t.Errorf("the code is %q, %v", c.Text(), err)
	}
	// HMAC-SHA-256 of "00000012" under 32 zero bytes, computed with openssl.
	const want = "238fd14570490c35237fbda140de0cb5ce8dfed484ebffdbd16788e3b6c83763"
	if h, _ := c.Hash(Key{}).MarshalText(); string(h) != want {
		t.Errorf("its hash is %s", h)
	}
}

func TestHashesDependOnTheKey(t *testing.T) {
	c, err := New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if c.Hash(key) == c.Hash(Key{}) {
		t.Error("two keys give one hash")
	}
	text, _ := c.Hash(key).MarshalText()
	var back Hash
	if err := back.UnmarshalText(text); err != nil || back != c.Hash(key) {
		t.Errorf("%s is read as %x, %v", text, back, err)
	}
	for _, bad := range []string{"", "00", strings.Repeat("0", 66), strings.Repeat("g", 64)} {
		if back.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q is taken for a hash", bad)
		}
	}
}

func TestCodesHideFromLogs(t *testing.T) {
	c, err := New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if said := fmt.Sprintf(form, c); strings.Contains(said, c.text) {
			t.Errorf("%s shows %s", form, said)
		}
	}
}

func TestAShortSourceIsAnError(t *testing.T) {
	if _, err := New(strings.NewReader("abc")); err == nil {
		t.Error("a code was drawn from three bytes")
	}
	if _, err := NewKey(strings.NewReader("abc")); err == nil {
		t.Error("a key was drawn from three bytes")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0000-0012", "oooo oo12", "0000-0013", "", "-", "ﬁ", "0000\xff012", strings.Repeat("0", 40)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(c.Text()); err != nil || again != c {
			t.Errorf("%q is read as %q, and that as %q, %v", text, c.text, again.text, err)
		}
	})
}
