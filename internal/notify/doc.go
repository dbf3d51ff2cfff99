// Package notify is the school's book of notices to parents and staff, and the
// outbox their e-mails leave by.
//
// A notice is about a case or an item, to one contact of a pupil or one member
// of staff, by e-mail or on a printed slip where there is no address. Programs
// may prepare one; only a person sends it. Its text comes from a template with
// a few placeholders and nothing else: no notice can say what was taken, or why.
//
// One kind goes by itself: see Tell. It is to a member of staff, by e-mail only, says
// what waits for them in counts, names no pupil, and goes once for each thing.
//
// The book is a fold over the school's ledger. Its records hold ids and
// commitments; contact, address and text lie in the vault:
//
//	notice-prepared   by, notice, about, template, way, pupil or staff, content, commitment
//	notice-queued     by, person, notice      a person said: send it
//	notice-sending    by, notice, attempt     the next step is to call the mail server
//	notice-deferred   by, notice, attempt, why, code   refused for now, tried again later
//	notice-sent       by, notice, attempt     the mail server has taken it
//	notice-failed     by, notice, attempt, why, code   certainly not sent
//	notice-unsure     by, notice, attempt     nobody can tell whether it was sent
//	notice-printed    by, person, notice      the slip is on paper
//	notice-cancelled  by, notice              will never be sent
//
//	prepared ─► queued ─► sending ─► sent
//	    │         │  ▲       ├─────► failed
//	    ├►printed │  └deferred┤
//	    └─────────┴► cancelled └───► unsure
//
// No e-mail is sent twice: notice-sending is on disk before a connection is
// made, and a notice is tried again only after an answer, on disk too, that
// leaves no doubt that the server has not taken it (RFC 5321, section 4.2.1). A
// crash or a lost line in between leaves it unsure, for ever; a person looks and
// prepares another one or does not.
package notify
