// Package closure is the book of the hours when the lockers cannot be used as
// usual: the building is left, access to it is lost, a bank has no power and its key
// is out, the desk works on paper. No line of it opens a door, lets anything out or
// ends a hold.
//
// The book is a fold over the school's ledger:
//
//	closure-evacuation-began  id, by, person, drill         somebody had the building left; a drill says so
//	                          bank, seq, cause              or a bank began it, at that record of its own
//	closure-evacuation-ended  id, by, person                the all-clear
//	closure-access-lost       id, by, person, content,      nobody can get at the lockers; what was behind
//	                          commitment                    which door then lies in the vault
//	closure-access-back       id, by, person
//	closure-parents-told      id, by, person, how           a person has told them; nothing is ever sent by itself
//	closure-key-out           id, by, person, taker, bank,  person gave the key of a bank to taker
//	                          doors, why
//	closure-key-back          id, by, person
//	closure-looked            by, person, bank, doors       the first of the two who look at evidence doors
//	closure-paper             id, by, person, paper         a line of a list on paper, typed in afterwards
//
// A bank's part, from when to when no door of it opened, is on its own ledger; these
// records only say who decided what. What a person looks at, the bank records too.
package closure
