// Package wire is what the parts of a school say to each other over MQTT: the
// topics, the envelope that carries whatever must not be forged, and the JSON of
// every message.
//
// Every payload is one JSON object with "v":1. A reader refuses another v, and
// ignores members it does not know, so that a server may be newer than its
// banks. Ids have the form [a-z0-9-]{1,36}.
//
//	topic                  from     retained  content
//	b/<bank>/directory     server   yes       Envelope of Directory
//	b/<bank>/plan          server   yes       Envelope of Plan
//	b/<bank>/order         server   never     Envelope of Order
//	b/<bank>/journal-ack   server   no        JournalAck
//	b/<bank>/journal       bank     no        Journal
//	b/<bank>/answer        bank     no        Answer
//	b/<bank>/state         bank     yes       BankState
//	b/<bank>/presence      bank     yes       Presence, its will too
//	d/<device>/desired     server   yes       Envelope of a desired document (package mdm)
//	d/<device>/cmd         server   never     Envelope of a command (package mdm)
//	d/<device>/reported    device   yes       reported document (package mdm)
//	d/<device>/presence    device   yes       Presence, its will too
//	d/<device>/ack         device   no        what became of a command (package mdm)
//	d/<device>/event       device   no        what happened on it (package mdm)
//	g/<gateway>/devices    server   yes       Envelope of Devices
//	g/<gateway>/presence   gateway  yes       Presence, its will too
//	s/presence             server   yes       Presence, its will too
//	s/time                 server   yes       Envelope of Beacon
//	s/clock                server   yes       Clock, in a demonstration only
//
// # Envelope
//
// Directory, plan, order, beacon, desired and devices travel in an envelope
//
//	{"v":1,"key":"k-…","payload":"<base64>","sig":"<base64>"}
//
// whose signature is Ed25519 over the pre-authentication encoding of DSSE
//
//	"DSSEv1" SP len(type) SP type SP len(payload) SP payload
//
// with lengths as decimal ASCII. Nothing of the payload is parsed before the
// signature has been checked, and the type in the signature keeps a message of
// one kind from being taken for another.
//
// # What takes two people
//
// The envelope says that the server sends an order, and no more. One that opens an
// evidence door, ends a bank's hold or changes its approvers carries two passkey
// assertions besides, over a number that the bank gave out for 15 minutes (an Order
// with ask and approval); see package internal/school/passkey.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// V is the version of every message.
const V = 1

// MaxMessage is the largest payload anybody sends or reads, in bytes. A
// directory of 3,000 people is half of it.
const MaxMessage = 1 << 20

// Decode reads one JSON message of at most MaxMessage bytes into m. Errors:
// invalid.
func Decode(data []byte, m any) error {
	if len(data) > MaxMessage {
		return refused("it is longer than %d bytes", MaxMessage)
	}
	var version struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return refused("it is not a JSON object: %w", err)
	}
	if version.V != V {
		return refused("its version is %d, not %d", version.V, V)
	}
	if err := json.Unmarshal(data, m); err != nil {
		return refused("a member has the wrong form: %w", err)
	}
	return nil
}

// Encode writes a message. It fails only for what JSON cannot hold.
func Encode(m any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return nil, errs.Wrap(err, errs.Internal, "A message cannot be written.", "")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func refused(format string, args ...any) error {
	return errs.Wrap(fmt.Errorf(format, args...), errs.Invalid, "A message is refused.", "Bring both programs to the same version.")
}
