package server

import (
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
)

// Approvers are the passkeys of those whom the school's rules may name as one of
// the two who end a hold or open evidence: what a bank is told when it joins. A key
// whose holder is not in the register is none.
func (s *Server) Approvers() passkey.Set {
	set, rules, now := passkey.Set{Site: s.Site, Origins: s.Origins}, s.Policy.Now(), s.Now().Wall
	wanted := approvers.Wanted(rules, nil)
	for _, a := range s.Users.List() {
		if !a.Live(now) || !approvers.Any(rules, wanted, approvers.Posts(a.Assignments(), now)) {
			continue
		}
		for _, k := range s.Users.Keys(a.ID) {
			one := passkey.Set{Site: s.Site, Origins: s.Origins, Keys: []passkey.Key{k}}
			if one.Check() == nil && len(set.Keys) < passkey.MaxKeys {
				set.Keys = append(set.Keys, k)
			}
		}
	}
	return set.Sorted()
}
