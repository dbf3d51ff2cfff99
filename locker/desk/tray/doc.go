// Package tray is the book of class trays: the teacher's way of taking phones in, for
// a school that has no lockers for it. A form has one tray on a day. Somebody of that
// form takes it, ticks who handed in what, counts, and locks it away; at the end of
// the day somebody of that form gets it out, ticks what each pupil got back, and what
// is left over goes to the office as items by name.
//
// The book is a fold over the school's ledger. Its records hold ids; by is the
// account, person whose it is:
//
//	tray-taken     tray, form, day                  somebody has the empty tray
//	tray-ticked    tray, ticks                      see Tick
//	tray-locked    tray, place, count, asked        counted, and put away
//	tray-fetched   tray                             out of its place, into the hands of person
//	tray-offered   tray, count                      to another teacher of the form
//	tray-accepted  tray, from, count                who counted too, and has it now
//	tray-closed    tray, count, left                given back; what is left went to the office
//
//	tray-door-asked  tray, count, asked             before an order to a bank
//	tray-out-asked   tray                           the same
//	tray-handed-out  tray, at_door, ref, at         the bank has it, says its record
//	tray-taken-in    tray, ref, at                  the bank let it out
//
// # Ticks
//
// Ticks are made on tablets that lose their network. Each has an id of its own and
// names the ticks that it replaces: those its tablet showed. What holds of a pupil is
// what the ticks say that none replaces. So it comes to the same in whatever order
// ticks arrive and however often; and where two tablets said two different things
// without knowing of each other, both stand, as a conflict that somebody has to
// settle. Nothing is guessed from clocks.
//
// # Who may
//
// Whoever keeps trays of that form, and nobody else: a teacher of another form reaches
// neither the list nor the tray. The tray is put away, handed on and given back only
// by the person who has it, and never with a count that differs from the ticks. Things
// of a pupil on whom a stop or a hold stands are not given back here: they go to the
// office with what is left over.
package tray
