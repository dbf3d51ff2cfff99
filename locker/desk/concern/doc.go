// Package concern is a school's safeguarding files and its log of incidents: what
// somebody was worried about, what was done, and what came of it. It is a fold of
// the school's ledger.
//
// A concern with a device is three things, made in this order: a hold on the
// device, the device in the school's custody (package desk), and the file. So the
// device is safe before anything is written.
//
// The ledger holds which file, which device, who and when. Everything else, what
// sort of concern it is, about whom and every word, is sealed (package sealed), as
// a commitment to the sealed bytes. by is the account, person whose it is:
//
//	concern-opened        file, item, case, bar, content
//	concern-sorted        file, content       another category, other people
//	concern-device        file, item, case, bar
//	concern-acknowledged  file
//	concern-step          file, content       done, not needed because, open until
//	concern-entry         file, content       a note, an assessment, who was told ...
//	concern-correction    file, entry, content
//	concern-action        file, content       who is to do what until when
//	concern-action-done   file, entry, content
//	concern-deletion      file, content       of copies, where the agencies allow it
//	concern-looked        file                somebody read the file
//	concern-exported      file
//	concern-closed        file, content
//	concern-reopened      file, content
//
// Nothing is edited or deleted. What was wrong gets a correction that names its
// entry.
//
// Nobody knows of a file that is about them, whatever their role: see Hidden.
// Nothing of a file is ever sent to a parent by itself.
package concern
