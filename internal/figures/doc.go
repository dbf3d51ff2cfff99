// Package figures is what governors, leadership and inspectors are told of a term:
// counts and rates, never a person.
//
// # Small numbers
//
// A count of one to four is told as "fewer than 5", and so that nobody works such a
// count out from the others, more of a split are withheld where that is needed: from
// what is published, and from what its words mean, no withheld count can be told. A
// rate is told in whole per cent, and not of a group that is small. Figures of a
// running term end with the last whole week for whoever may see no more than figures,
// so that two looks in one week give the same.
//
// # Days
//
// Routine hand-ins are not kept for long. What remains of a day is one record on the
// school's ledger, with how many of each year group stood how when hand-in was over:
//
//	day-counted  day, years {year: {expected, in, late, exempt}}
package figures
