// Package commission finds out which number is painted on the door of which
// lock. It is pure: no clock, no bus, no terminal. Whoever drives it hands in
// what the boards and the person beside the cabinet say, gives the pulses it asks
// for, one at a time, and shows what it has to say.
//
// The person shuts every door and says so. Then, in two passes over the same
// cabinet:
//
//  1. every lock gets a pulse, one after another. A contact that changes with the
//     pulse of its own lock, while all others rest, tells what its bit means;
//  2. the person shuts the doors in the order of their numbers. Each contact that
//     closes is that of the door asked for.
//
// In the second pass only the doors of the first get a pulse, and each must move
// its own contact. Both passes must give every door the same number; those that do
// not are done again, three times at most. So neither a person nor a contact that
// errs once can make a wrong map.
//
// Where no contact moves, and doors are missing, the person types the number of
// the door that sprang open, in both passes.
//
// Two contacts that close so close together that nobody can tell which was first,
// because of two hands or a board that did not answer for a while, count for
// nothing: both doors are opened again. What a power cut leaves is in Facts: a door
// that has no number yet and is shut is opened again, so nothing is lost but the
// moment.
package commission
