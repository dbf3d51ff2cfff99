// Package register is the school's book of people: who is on the roll, to
// which form and groups they belong, whom to call, and behind which door their
// phone belongs.
//
// The book is a fold over the school's ledger. Its records hold ids and
// commitments; every name, form, contact and id of the school's information
// system lies in the vault:
//
//	person-listed    by, person, kind, content, commitment   on the roll, or changed
//	contacts-listed  by, person, content, commitment         all contacts of a pupil
//	person-left      by, person                              no longer on the roll
//	person-returned  by, person                              on the roll again
//	place-assigned   by, person, bank, door                  without bank: the door is given up
//
// The vault's content is the JSON of Details, or of a list of Contact. A
// person's id is random and stays; the school's information system is matched
// by its own id, so that reading the same file twice changes nothing.
//
// An import takes two steps. Diff compares the book with a Roll and decides
// nothing; Apply records the Changes a person has looked at. Leaving never
// deletes: a phone may still be behind the door.
package register
