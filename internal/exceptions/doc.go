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
//	exception-erased     exception, by                      its texts were kept as long as the rules say
//
// by is an account and person whose it is; for is whose exception it is. What the
// vault has erased is in force nowhere.
//
// # Who decides
//
// It always takes two people, one who asks and one who approves, counted by
// person and not by account: nobody approves what they asked for, nor anything
// for themselves, nor within a day of a change to their account. So a request by
// the office, a teacher, or whoever files a care plan is one tap for the head.
// What a head asks for, another head approves: a deputy who acts as head for a
// time. A head's own permission as a member of staff may be countersigned by the
// leadership team as well, where the school's rules have it so. There is no grant
// by one person alone, not even a medical one: the approval of that is a
// formality, but two people still know that it was given.
//
// A refusal gives a reason, and so does ending what would otherwise go on.
package exceptions
