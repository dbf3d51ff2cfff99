// Package backup writes a school's data folder into one sealed file, and brings it
// back.
//
// The file is a tar archive inside age (C2SP age-encryption.org/v1), sealed to the
// school's backup key: whoever makes backups, or finds one, cannot read it. The
// archive holds every file of the folder in the order they were given, and last a
// manifest of names, lengths and SHA-256. A file without its end, or with another
// order, name or byte in it, is refused before anything is put in place.
//
// The order matters to what is still being written: a ledger's record speaks of
// content that was in the vault before it, so the ledger is read first.
package backup
