// Package desk is what staff do about custody. Its two books are folds of the
// school's ledger.
//
// Book is the stops and holds that stand against a person, an item or a door, and
// the permissions given at the desk. Banks get them as bars and grants, without
// reasons. A stop sends the person to the office and keeps the door shut until one
// member of staff ends it. A hold does the same and outranks everything: ending it
// takes two different people.
//
// Custody is the items, devices outside their owners' routine, and the cases about
// those that were confiscated. An item is in exactly one place: behind a door of a
// bank, in the hands of a member of staff, in a named place, or gone. While it is
// behind a door the bank owns it: only the bank's own ledger moves it in and out,
// and these records follow by naming the bank's record.
//
// Custody's records hold ids, enums and commitments; all words and every contact
// lie in the vault. by is the account, person whose it is:
//
//	item-listed      item, what, why, whose, place, content   found, left over, given in
//	item-owned       item, whose                              a found one has an owner
//	item-moved       item, place, content                     hands, a spot, back to its owner, to the police
//	item-put-asked   item                                     before an order to a bank
//	item-take-asked  item                                     before an order to a bank
//	item-leave-asked item, place, agreed                      the same, by what two people signed: agreed
//	item-handed-out  item, at_door, ref, at                   the bank has it, says its record
//	item-taken-in    item, at_door, ref, at, place            the bank let it out
//	door-held        at_door, ref, at                         by staff at the bank
//	door-freed       at_door, ref, at
//
//	case-opened           case, item, what, whose, facts, place, content
//	case-condition        case, content
//	case-note             case, content
//	case-correction       case, corrects, content             corrects: the number of an entry
//	search-recorded       case, searched, consent, content
//	deletion-recorded     case, consent, content
//	release-code-made     case, hash, until, content
//	release-refused       case, content                       an adult with a restriction came
//	release-refusal-seen  case
//	case-released         case, item, to, identity, hash, content
//	release-withdrawn     case                                while the device is still in
//	case-returned         case, item                          the pupil may keep it
//
// Nothing is edited or deleted. A condition, once written, gets additions; what
// was wrong gets a correction that names the entry.
package desk
