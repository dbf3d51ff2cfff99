package relay

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// Devices are those behind a gateway. The calls come one at a time, and only for
// devices that are listed; what takes long is done later.
type Devices interface {
	Listed(ids []string)                              // all there are; those no longer named are gone for good
	Document(id string, d mdm.Desired, sealed []byte) // verified; it may be an old one. sealed is its envelope
	Command(id string, c mdm.Command)                 // verified; it may be one that came before
	Refused(id string, what string, by error)         // a document or a command that is none
}

// Intake takes in what the school says.
type Intake struct {
	ID      string // the gateway's: the platform it speaks for
	Root    wire.Root
	Open    Opener
	Devices Devices
	Log     *slog.Logger

	mu     sync.Mutex
	rev    uint64 // of the list of devices
	heard  bool   // there was one
	listed map[string]bool
	early  map[string][]byte // documents that came before their device was listed
}

// Run takes in the list and documents until ctx ends, of which it does not wait for
// the end. Errors: those of the subscriptions.
func (i *Intake) Run(ctx context.Context, bus Bus) error {
	if err := bus.Subscribe(ctx, i.Root.Gateway(i.ID, wire.LeafDevices), i.receiveList); err != nil {
		return err
	}
	return bus.Subscribe(ctx, i.Root.Device(wire.Any, wire.LeafDesired), i.receiveDocument)
}

// Commands takes in commands until ctx ends. It is called before the first birth is
// told: that says that commands will be heard.
func (i *Intake) Commands(ctx context.Context, bus Bus) error {
	return bus.Subscribe(ctx, i.Root.Device(wire.Any, wire.LeafCommand), i.receiveCommand)
}

// Heard reports whether there was a list since the start.
func (i *Intake) Heard() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.heard
}

// Know says which devices there were before a restart, so that they go on before the
// list comes.
func (i *Intake) Know(ids []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.listed = map[string]bool{}
	for _, id := range ids {
		i.listed[id] = true
	}
}

func (i *Intake) receiveList(_ string, sealed []byte, _ bool) {
	payload, err := i.Open.within(MaxSealed, wire.TypeDevices, sealed)
	var list wire.Devices
	if err == nil {
		list, err = wire.DecodeDevices(payload)
	}
	if err != nil {
		i.Log.Warn("a list of devices is refused", "err", err)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.heard && list.Rev < i.rev {
		i.Log.Warn("an older list of devices is refused", "rev", list.Rev)
		return
	}
	i.heard, i.rev, i.listed = true, list.Rev, map[string]bool{}
	for _, id := range list.Devices {
		i.listed[id] = true
	}
	i.Devices.Listed(list.Devices)
	for _, id := range list.Devices {
		if sealed := i.early[id]; sealed != nil {
			delete(i.early, id)
			i.document(id, sealed)
		}
	}
}

// receiveDocument takes in a document. One that was cleared says nothing: the list
// does.
func (i *Intake) receiveDocument(topic string, sealed []byte, _ bool) {
	id, leaf, ok := i.Root.Whose(topic)
	if !ok || leaf != wire.LeafDesired || len(sealed) == 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.listed[id] {
		i.document(id, sealed)
		return
	}
	if i.early == nil || len(i.early) >= maxEarly { // it may be on the next list
		i.early = map[string][]byte{}
	}
	if len(sealed) <= MaxSealed {
		i.early[id] = sealed
	}
}

func (i *Intake) document(id string, sealed []byte) {
	d, err := i.Open.Document(sealed)
	if err != nil {
		i.Devices.Refused(id, "a document", err)
		return
	}
	i.Devices.Document(id, d, sealed)
}

// receiveCommand takes a command in. A retained one is refused: whoever retains a
// command wants it done again.
func (i *Intake) receiveCommand(topic string, sealed []byte, retained bool) {
	id, leaf, ok := i.Root.Whose(topic)
	if !ok || leaf != wire.LeafCommand || len(sealed) == 0 && retained {
		return
	}
	payload, err := i.Open.within(maxSealedCommand, wire.TypeCommand, sealed)
	var c mdm.Command
	if err == nil {
		c, err = mdm.DecodeCommand(payload)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case !i.listed[id]:
		return // it is sent again in the device's first session
	case err != nil:
	case retained:
		err = errors.New("it was retained")
	case c.Dev != id:
		err = errors.New("it is for another device")
	}
	if err != nil {
		i.Devices.Refused(id, "a command", err)
		return
	}
	i.Devices.Command(id, c)
}
