package passkey

import (
	"bytes"
	"testing"
)

func TestKeysThatAreNone(t *testing.T) {
	x := bytes.Repeat([]byte{9}, 32)
	for name, data := range map[string][]byte{
		"nothing":              {},
		"a list":               {0x80},
		"an empty map":         {0xa0},
		"a map without end":    {0xbf, 0xff},
		"too many members":     {0xb0},
		"a member twice":       append([]byte{0xa5, 1, 1, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32}, x...),
		"something after":      append(append([]byte{0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32}, x...), 0),
		"a short key":          append([]byte{0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 31}, x[:31]...),
		"a number made longer": append([]byte{0xa4, 1, 0x18, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32}, x...),
		"another curve":        append([]byte{0xa4, 1, 1, 3, 0x27, 0x20, 7, 0x21, 0x58, 32}, x...),
		"a point off it":       append(append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, x...), append([]byte{0x22, 0x58, 32}, x...)...),
		"a small RSA key":      append(append([]byte{0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x58, 128}, bytes.Repeat([]byte{0xff}, 128)...), 0x21, 0x43, 1, 0, 1),
		"bytes as a name":      {0xa1, 0x41, 1, 1},
		"more than there is":   {0xa1, 1, 0x5a, 0xff, 0xff, 0xff, 0xff, 1},
	} {
		if key, err := parseKey(data); err == nil {
			t.Errorf("%s is a key: %v", name, key)
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add(append([]byte{0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32}, bytes.Repeat([]byte{9}, 32)...))
	f.Add([]byte{0xa5, 1, 2, 3, 0x26})
	f.Fuzz(func(t *testing.T, data []byte) {
		if key, err := parseKey(data); (key == nil) != (err != nil) {
			t.Errorf("%v, %v", key, err)
		}
	})
}
