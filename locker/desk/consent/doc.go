// Package consent is what two people sign with their passkeys: a device that goes to
// the police or comes back out of evidence, the end of a bank's own hold, other keys
// of a bank's approvers. It is a fold of the school's ledger:
//
//	consent-begun     request, wish, keys, by, person, content   what is to be signed
//	consent-signed    request, by, person, roles, signed         by one person
//	consent-answered  request, seq, door, answer                 what the bank said
//	                  request, wish, keys, both                  the school did it itself
//	consent-receipt   request, by, person, content               what the police left
//
// Who, where to and why lie in the vault. Of a hand-over the wish names their
// commitment, so that both signatures are for those very words.
//
// A bank weighs the signatures by keys it knows itself; the rules of the school, which
// say who the two are, are weighed here. What is behind no bank's door, in a safe, goes
// to the police the same way, by the passkeys of the school's own approvers (School).
// Its last record has all that anybody needs to check the signatures again. The second signs within ten minutes of
// the first, in machine time, and both within the life of the bank's number. After a
// restart of the server nobody knows how long ago the first was: what was open then
// is begun anew.
package consent
