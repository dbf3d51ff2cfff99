// Package attendance is the school's book of who is here: what the register
// says of each pupil on each school day, who has no phone with them, and who
// leaves early.
//
// Handing a phone in never marks anybody present, and being present never says
// that a phone was handed in. The two are only compared: Missing are those who
// are present and have not handed in.
//
// The book is a fold over the school's ledger. Its records hold ids:
//
//	attendance-marked  by, batch, day, how, marks   marks: {"present":["p-…"],"absent":[…]}
//	attendance-undone  by, batch                    all that batch said counts no more
//	early-leave        by, grant, person, reason, until, content, commitment
//
// A batch is what one person did at once: a file taken in, a form ticked. One
// too long for a record is in several, committed together. A newer mark counts
// instead of an older one; nothing is changed afterwards. The vault's content of
// an early leave is the JSON of Collects. The grant is the permission to collect
// once, which banks get from the desk; its record comes after this one, so that
// no door opens without a reason on record.
//
// The newest Days days are kept in memory; the ledger keeps all.
package attendance
