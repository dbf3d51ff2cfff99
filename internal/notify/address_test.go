package notify

import (
	"net/mail"
	"strings"
	"testing"
)

var addresses = map[string]bool{
	"orla@home.example": true, "o'hara+school@mail.home.example": true,
	"": false, "orla": false, "orla@": false, "@home.example": false, "orla@home": false,
	"Orla <orla@home.example>": false, "<orla@home.example>": false, "orla@home.example (Orla)": false,
	"orla@home.example, sean@home.example": false, "orla@home.example\r\nRCPT TO:<sean@home.example>": false,
	"\"orla\"@home.example": false, "\"a b\"@home.example": false, "orla@[127.0.0.1]": false, "zoë@home.example": false,
	"orla@hömé.example": false, "orla@home.example ": false, "orla@home..example": false, "orla@sean@home.example": false,
	strings.Repeat("a", 250) + "@b.example": false,
}

func TestValidAddress(t *testing.T) {
	for text, want := range addresses {
		if ValidAddress(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// An address that passes is one address to everybody.
func FuzzAddress(f *testing.F) {
	for text := range addresses {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !ValidAddress(text) {
			return
		}
		list, err := mail.ParseAddressList(text)
		if err != nil || len(list) != 1 || list[0].Address != text || strings.ContainsAny(text, "\r\n <>") {
			t.Errorf("%q is %v, %v", text, list, err)
		}
	})
}
