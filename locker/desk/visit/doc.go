// Package visit is the school's book about visitors and their devices: what they hand
// in at reception, and what staff see of devices they did not hand in. It is a fold of
// the school's ledger:
//
//	visit-device-in    item, visit, hash, until           a device was taken in, and a slip made
//	visit-device-out   item, how                          given back, by the slip or by who they are
//	visit-challenged   challenge, visit, at, zone, outcome, content
//	visit-breach       challenge, visit, at, zone, content
//	visit-breach-seen  challenge, as, content             the safeguarding lead has read it
//
// by is an account, person whose it is, visit the id of a signed visit or empty for
// somebody who signed nothing. What was seen lies in the vault.
//
// A slip has a token of its own, as a QR code, of which the ledger holds a hash. It is
// good for one device and until the visit's end: scanned at the desk, it finds the
// device. Kiosks do not know it. The device itself is an item of the school's custody,
// in a named place or behind a confiscation door.
//
// A breach is told to the safeguarding lead, whatever the school's rules say: they may
// name others besides. It is open until somebody who is the lead, or stands in for
// them, has taken note.
package visit
