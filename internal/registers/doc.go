// Package registers is the registers that a school must keep, beside its lockers and
// devices: who has access to what, checks of the filter and breaches of it, training,
// meetings, policies and when they are looked at again. They are all of one type: an
// entry says who, what and when, by when something is due, what came of it, and who
// of the leadership has seen it. What makes one register another is data, Kind: those
// that come with the product are in builtin.yaml, and registers.yaml in a school's
// folder changes them and adds its own.
//
// The book is a fold of the school's ledger. Nothing is ever deleted: a correction and
// an end are records of their own, and what an entry said before stays with it:
//
//	entry-added      entry, register, by, person, on, due, about, seen, content, commitment
//	entry-corrected  entry, by, person, on, due, about, content, commitment
//	entry-ended      entry, by, person, content, commitment
//	entry-seen       entry, by, person
//
// The values of an entry lie in the vault; on the ledger are its days, and the ids of
// the people it is about.
//
// What is due follows from the entries and from a register's rhythm, see Standing. It
// is said on pages and in a weekly e-mail, and holds up nothing else: a register that
// nobody keeps opens and shuts no door.
package registers
