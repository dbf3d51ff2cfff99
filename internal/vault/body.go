package vault

import "encoding/json"

// CheckBody looks for a field "commitment" in the body of a ledger's record
// and checks it. It reports false when there is none.
// Errors: unavailable.
func (v *Vault) CheckBody(body json.RawMessage) (state State, found bool, err error) {
	var b struct {
		Commitment *string `json:"commitment"`
	}
	if len(body) == 0 || json.Unmarshal(body, &b) != nil || b.Commitment == nil {
		return "", false, nil
	}
	var c Commitment
	if c.UnmarshalText([]byte(*b.Commitment)) != nil {
		return Differs, true, nil
	}
	state, err = v.Check(c)
	return state, true, err
}
