package main

import (
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/passkey/passkeytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// demoApprovers are whose accounts have a pretend passkey, which every bank learns
// when it joins: those whom a school's rules may name as one of two.
var demoApprovers = []roles.Role{roles.Head, roles.DSL, roles.DeputyDSL, roles.Chair}

// demoPasskey is the pretend passkey of an account.
func demoPasskey(account, person string) *passkeytest.Authenticator {
	return passkeytest.Pretend(account, person)
}

// signFor has the pretend passkey of an account sign, as whoever holds it would: in a
// demonstration nobody has the real thing.
func (d *demo) signFor(account string, w passkey.Wish) (passkey.Assertion, bool) {
	a, known := d.server.Users.Get(account)
	if !known || len(d.server.Origins) == 0 {
		return passkey.Assertion{}, false
	}
	return demoPasskey(account, a.Person).SignAt(w, d.server.Site, d.server.Origins[0], 0b101), true
}
