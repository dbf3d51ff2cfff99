// Package passkey is what people sign with their passkeys so that a bank can tell
// by itself that two of them agreed. It is pure: it knows neither browser nor
// server, only the bytes that an authenticator signs (W3C Web Authentication
// Level 2, sections 5.8.1, 6.1 and 7.2) and its key (RFC 9052, section 7).
//
// # What is signed
//
// A Wish is one thing at one bank. Its canonical bytes are lines, each ended by a
// line feed, in this order, empty where nothing is to be said:
//
//	bellkeep-wish-v1
//	bank    its id
//	door    its number, decimal; 0 for none
//	item    id of what is behind the door
//	kind    what is to be done
//	to      id of what it is done for: who gets the device, say
//	nonce   that the bank gave out for it
//
// The challenge of the assertion is their SHA-256. An authenticator then signs
//
//	authenticator data ‖ SHA-256(client data)
//
// where the authenticator data is
//
//	32 bytes   SHA-256 of the name that the passkey is for
//	1 byte     flags: bit 0 somebody was there, bit 2 it was verified who,
//	           bit 6 a key follows (never here), bit 7 extensions follow
//	4 bytes    count of signatures, big-endian; 0 where none is kept
//	the rest   extensions, which nobody looks at
//
// and the client data the browser's JSON with type webauthn.get, the challenge in
// base64url without padding and the origin of the page.
//
// A key is a COSE key: a CBOR map of small integers to integers and byte strings,
// in one of three forms. All lengths are definite, nothing follows the map.
//
//	ES256  1: 2, 3: -7, -1: 1, -2: x, -3: y   P-256, 32 bytes each
//	EdDSA  1: 1, 3: -8, -1: 6, -2: x          Ed25519, 32 bytes
//	RS256  1: 3, 3: -257, -1: n, -2: e        2048 to 4096 bits, e = 65537
package passkey
