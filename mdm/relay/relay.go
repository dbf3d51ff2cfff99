// Package relay is what every gateway is towards the school: it takes in which devices
// there are, what they must be and what they are told to do, and tells the broker how
// they stand. How a gateway speaks to its devices is none of its business.
//
//	g/GATEWAY/devices   in, retained: the devices it speaks for, in an envelope
//	d/DEVICE/desired    in, retained: documents, in envelopes
//	d/DEVICE/cmd        in, never retained: commands, in envelopes
//	d/DEVICE/presence, d/DEVICE/reported   out, retained
//	d/DEVICE/ack, d/DEVICE/event           out
package relay

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// Limits.
const (
	MaxSealed        = 128 << 10              // bytes of an envelope
	maxSealedCommand = 2*mdm.MaxCommand + 512 // bytes of a command's
	maxEarly         = 1024                   // documents that came before their device was listed
	maxEvents        = 64                     // waiting for the broker; the oldest go first
	maxAcks          = 64                     // of one device, likewise
	patience         = 10 * time.Second       // machine time for the broker to take what there is
	tick             = time.Second            // machine time between two looks at what it does not have
	atOnce           = 16                     // devices being told of at a time
)

// Bus is the school's broker. Publish returns once the broker has the message,
// and may block for as long as it is out of reach.
type Bus interface {
	Publish(ctx context.Context, topic string, payload []byte, retain bool) error
	Subscribe(ctx context.Context, filter string, handle func(topic string, payload []byte, retained bool)) error
}

// Opener checks an envelope and gives what is in it.
type Opener func(t wire.Type, sealed []byte) ([]byte, error)

// Document reads a document in its envelope. Errors: invalid, and the opener's.
func (open Opener) Document(sealed []byte) (mdm.Desired, error) {
	payload, err := open.within(MaxSealed, wire.TypeDesired, sealed)
	if err != nil {
		return mdm.Desired{}, err
	}
	return mdm.DecodeDesired(payload)
}

func (open Opener) within(limit int, t wire.Type, sealed []byte) ([]byte, error) {
	if len(sealed) > limit {
		return nil, errs.New(errs.Invalid, "An envelope is too long.", "")
	}
	return open(t, sealed)
}
