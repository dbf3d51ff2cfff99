package passkey

import (
	"encoding/base64"
	"encoding/json"
)

// maxAnswer bounds what a browser answers, in bytes.
const maxAnswer = 16 << 10

// base64url is how browsers write bytes in JSON.
type base64url []byte

func (b *base64url) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	*b = raw
	return err
}

func (b base64url) MarshalJSON() ([]byte, error) {
	return json.Marshal(base64.RawURLEncoding.EncodeToString(b))
}

// ParseAssertion reads the answer of a browser: the toJSON of a PublicKeyCredential
// (W3C Web Authentication Level 3, section 5.1). Errors: ErrMalformed.
func ParseAssertion(answer []byte) (Assertion, error) {
	var c struct {
		ID       base64url `json:"rawId"`
		Type     string    `json:"type"`
		Response struct {
			AuthData   base64url `json:"authenticatorData"`
			ClientData base64url `json:"clientDataJSON"`
			Signature  base64url `json:"signature"`
		} `json:"response"`
	}
	if len(answer) > maxAnswer || json.Unmarshal(answer, &c) != nil || c.Type != "public-key" {
		return Assertion{}, ErrMalformed
	}
	a := Assertion{Key: c.ID, AuthData: c.Response.AuthData, ClientData: c.Response.ClientData, Signature: c.Response.Signature}
	if len(a.Key) == 0 || len(a.Key) > MaxID || len(a.AuthData) > MaxAuthData || len(a.ClientData) > MaxClientData || len(a.Signature) > MaxSignature {
		return Assertion{}, ErrMalformed
	}
	return a, nil
}

// Question is what a browser needs to ask some of a person's passkeys for an
// assertion of w: the JSON of PublicKeyCredentialRequestOptions.
func (s Set) Question(w Wish, person string) ([]byte, error) {
	type descriptor struct {
		Type string    `json:"type"`
		ID   base64url `json:"id"`
	}
	challenge := w.Challenge()
	q := struct {
		Challenge        base64url    `json:"challenge"`
		Site             string       `json:"rpId"`
		Keys             []descriptor `json:"allowCredentials"`
		UserVerification string       `json:"userVerification"`
	}{challenge[:], s.Site, []descriptor{}, "required"}
	for _, k := range s.Keys {
		if k.Person == person {
			q.Keys = append(q.Keys, descriptor{"public-key", k.ID})
		}
	}
	return json.Marshal(q)
}
