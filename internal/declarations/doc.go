// Package declarations is the school's book of what members of staff declare of their
// ties: a relationship with a pupil or a parent from before or outside school, and
// contact through private social media, which needs the headteacher's approval first.
// It is a fold of the school's ledger:
//
//	declaration-made          declaration, kind, until, content
//	declaration-acknowledged  declaration, roles              one of those who have to know
//	declaration-decided       declaration, approved, content  contact: before it begins
//	declaration-ended         declaration                     by whoever made it
//
// by is an account, person whose it is. Whom it is about and why lies in the vault.
//
// # Who has to know
//
// By the school's rules the safeguarding lead or the headteacher, or both. Both are two
// people: where the headteacher is the safeguarding lead, the second is whom the rules
// name to end a hold with them. Nobody acknowledges their own declaration, so the lead's
// or the head's own goes to a deputy lead or the chair of governors in their place, and
// the head's own request for contact is decided by the chair.
package declarations
