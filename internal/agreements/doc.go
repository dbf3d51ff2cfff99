// Package agreements is the school's agreements on acceptable use: the versions of
// their texts, and who has signed which. It is a fold over the school's ledger:
//
//	agreement-published  agreement, version, by, person, from, parents, content, commitment
//	agreement-signed     agreement, version, by, person, for, how, content, commitment
//	agreement-advised    agreement, version, by, person, for
//	visitor-signed       agreement, version, by, person, for, how, host, until, content, commitment
//	visitor-erased       agreement, version, by, for
//
// Texts, and names as they were typed, lie in the vault.
//
// There are nine. That for staff and that for pupils are signed before somebody has
// a device of the school: members of staff sign in their own account, pupils at the
// desk before a witness, and for the youngest a parent signs. A new version asks
// everybody again; until the day it says, the signature of the one before still
// counts.
//
// Visitors are whom the register does not know. They sign the third at the desk before
// a witness, with their name, whom they visit and, if they like, for whom they come; it
// counts for the days of that visit and no longer. Without it they get no device and no
// day pass. Their names are erased once the school's rules do not ask for them any
// more; that somebody visited stays.
//
// The fourth is the school's advice on staff's own phones. Nothing waits for it and
// nobody enforces it: a member of staff attests that they follow it, or was advised
// of it, on a day.
//
// A parent signs the fifth at the desk for every pupil: that they have read the
// school's agreements. Staff who post for the school sign the one on social media. The
// notice on monitoring is shown to everybody, at signing in and with every device, and
// staff say that they have seen it. Whoever works here for a day reads the note on
// safeguarding before they have a class's tray. The last is no agreement but the
// school's own words on whom to tell; nobody signs it.
package agreements
