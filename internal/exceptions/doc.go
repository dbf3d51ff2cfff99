// Package exceptions is the school's book of exceptions: who asked for one, who
// approved or refused it, when it was extended or ended; and what it becomes for
// banks (grants) and for school devices (settings laid over the day's).
//
// The book is a fold over the school's ledger. A record says that there is an
// exception for somebody and when; what kind it is, and every reason, may be
// health data and lies in the vault, which forgets when it must:
//
//	exception-asked      exception, by, person, head, for, from, until, review, content, commitment
//	exception-approved   exception, by, person              the request, or the extension asked for
//	exception-refused    exception, by, person, content, commitment
//	exception-extension  exception, by, person, head, until, review, content, commitment
//	exception-ended      exception, by, person, content, commitment    or withdrawn, before it was approved
//
// by is an account and person whose it is; for is whose exception it is. What the
// vault has erased is in force nowhere.
//
// # Who decides
//
// It always takes two people, one who asks and one who approves, counted by
// person and not by account: nobody approves what they asked for, nor anything
// for themselves, nor within a day of a change to their account. So a request by
// the office, a teacher or a parent's message that somebody wrote down is one tap
// for the head. What the head asks for, another head approves: a deputy acting as
// head for a time. Where the rules have the head's own permissions
// countersigned, a member of the leadership team may do that too, except for a
// lesson's, which takes the headteacher. There is no grant by one person alone,
// not even a medical one: for that, whoever files the care plan asks.
//
// A refusal gives a reason, and so does ending what would otherwise go on.
package exceptions
