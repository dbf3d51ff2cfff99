// Package joining is how a bank, a device or a gateway becomes a member of a school: the
// code it is shown, and what it says to the server over HTTPS.
//
// # The code
//
// A joining code is the text of a QR code
//
//	BKJ1 + Crockford's base32 of the payload, without padding
//
// of upper-case letters and digits only, at most MaxCode of them. The payload is
//
//	fingerprint  32 bytes  SHA-256 of the school authority's certificate (DER)
//	token        16 bytes  one-time secret
//	kind          1 byte   1 bank, 2 device, 3 gateway
//	id            1 byte for its length, 1 to 36 bytes
//	server        1 byte for its length, 1 to 92 bytes: "host:port" in ASCII
//	check         4 bytes  CRC-32 (IEEE) of all before it, big-endian
//
// A payload has one text only; ParseCode refuses any other.
//
// # The talk
//
// The client connects to the server of the code and looks in the chain it is
// sent for the authority with the fingerprint: nothing else is trusted. Then
//
//	POST /join   {"v":1,"token":"<base64>","csr":"<base64>"}   no client certificate
//	POST /renew  {"v":1,"csr":"<base64>"}                      with the current one
//
// where csr is a PKCS #10 request in DER for a P-256 or Ed25519 key. Only its key
// counts; the name is the server's to give. Both are answered with
//
//	{"v":1,"id":"a","kind":"bank","certificate":"<PEM>","ca":"<PEM>",
//	 "keys":{"k-…":"<base64>"},"mqtt":"host:port","welcome":…}
//
// where keys check the envelopes of package wire, and welcome, in the answer to
// /join only, is what the client needs at once. A request is at most MaxRequest
// bytes, an answer MaxAnswer. Whatever is refused is answered with problem
// details (RFC 9457) that also have a code and a hint.
//
// The token works once. Whoever did not get the answer asks again with the same
// token and the same key, as long as the token lives.
package joining
