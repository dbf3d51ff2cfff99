// Package pki is the school's own authority: it says which bank and which device
// is who.
//
//	Authority   the keys: the school's CA, the server's certificate, the key that signs envelopes
//	Roll        who was invited, joined, renewed and revoked: a fold of the school's ledger
//	Registrar   both together behind HTTPS, where clients join and renew (package joining)
//
// A client is let in when its certificate leads to the CA and Roll.Known still
// counts it. Clients keep their side in package identity.
//
// On the ledger stand, with ids and hashes only:
//
//	joining-opened      id, kind, token (its SHA-256), until, replace, by
//	joining-refused     id, reason; for codes this school once made, eight times at most
//	client-joined       id, kind, token, serial, key (SHA-256 of the public key), not_after
//	client-renewed      id, kind, serial, key, not_after; replaces, which counts until grace
//	client-revoked      id, serial or none for all of them, by
//
// Times in the bodies are machine time, since certificates live by it; a
// demonstration that scales school time leaves them alone.
package pki
