// Package agreements is the school's agreements on acceptable use: the versions of
// their texts, and who has signed which. It is a fold over the school's ledger:
//
//	agreement-published  agreement, version, by, person, from, parents, content, commitment
//	agreement-signed     agreement, version, by, person, for, how, content, commitment
//	agreement-advised    agreement, version, by, person, for
//
// Texts, and names as they were typed, lie in the vault.
//
// There are three. That for staff and that for pupils are signed before somebody has
// a device of the school: members of staff sign in their own account, pupils at the
// desk before a witness, and for the youngest a parent signs. A new version asks
// everybody again; until the day it says, the signature of the one before still
// counts.
//
// The third is the school's advice on staff's own phones. Nothing waits for it and
// nobody enforces it: a member of staff attests that they follow it, or was advised
// of it, on a day.
package agreements
