// Package exam is the school's book of examinations: sittings of papers, who writes
// them until when, and that nobody has a device meanwhile. It is a fold of the
// school's ledger:
//
//	exam-set        sitting, start, minutes, leave, candidates, content   a paper and its candidates
//	exam-listed     sitting, candidates, content                          more of them
//	exam-adjusted   sitting, line, content                                extra time, room
//	exam-moved      sitting, start, minutes                               before it has begun
//	exam-cancelled  sitting                                               before it has begun
//	exam-line       sitting, line, how, other                             one candidate, see How
//	exam-cleared    sitting, counts                                       the room is clear of devices
//	exam-finished   sitting, lines, at, content                           those lines have ended
//	exam-incident   sitting, line, at, what, active, case, content        a device was found
//
// Every record has by, an account, and person, whose it is. A candidate is a line of
// a sitting, numbered from 1: who that is, and that they have extra time, may be
// health data and lies in the vault, with the paper's title and all that was written.
//
// # Clear
//
// Before a paper starts every line is one of: deposited, as the banks, the desk and
// the trays have it at that moment; with the invigilator, for a device somebody needs
// for their health; declared to have none, before a witness; or absent. A sitting
// with any other line is not marked clear. Whoever comes late opens their own line
// again and no other.
//
// # No collection
//
// From the start of a paper, or from the moment it was marked clear, until a person
// records their actual finish, a candidate gets nothing back at any bank, by whatever
// way. Banks learn it as a bar without a reason. It ends by itself at midnight, which
// no paper runs past, and else only by a finish on record: not with the school day,
// and not by anybody's permission.
package exam
