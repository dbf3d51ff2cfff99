package bus

import (
	"slices"
	"strings"
)

// Op is what a client wants with a topic.
type Op int

// The operations. A subscription without wildcards is a Read of its one topic.
const (
	Read      Op = iota // be given the messages of a topic
	Write               // publish to a topic, by a will too
	Subscribe           // subscribe to a filter with wildcards; each delivery is a Read
)

// Rights decides who may do what. The embedded broker asks at every connect,
// subscription and message, also for one delivered, so that what changed
// counts at once. It must be quick and safe for concurrent use.
type Rights interface {
	// Known reports whether a client may connect with the certificate of this
	// serial number (lower-case hexadecimal without leading zeros; empty on a
	// plain loopback listener).
	Known(client, serial string) bool
	// May reports whether a client may do op on a topic, or, for Subscribe,
	// with a filter.
	May(client string, op Op, topic string) bool
}

// The kinds of client a school has.
const (
	KindBank    = "bank"
	KindDevice  = "device"
	KindGateway = "gateway" // speaks for devices that cannot speak for themselves
)

// DefaultRoot is what every topic of a school with its own broker begins with.
const DefaultRoot = "bk/1"

// access is what one kind of client may do: its own topics are
// root/own/<client>/<leaf>, the server's are root/s/<leaf>. A server leaf of +
// stands for all of them.
type access struct {
	own                 string
	read, write, server []string
}

func accessOf(kind string) (access, bool) {
	switch kind {
	case KindBank:
		return access{
			own:    "b",
			read:   []string{"directory", "plan", "order", "journal-ack"},
			write:  []string{"journal", "state", "presence", "answer"},
			server: []string{"+"},
		}, true
	case KindDevice:
		return access{
			own:    "d",
			read:   []string{"desired", "cmd"},
			write:  []string{"reported", "presence", "ack", "event"},
			server: []string{"presence", "time", "clock"},
		}, true
	case KindGateway:
		return access{
			own:    "g",
			read:   []string{"devices"},
			write:  []string{"presence"},
			server: []string{"presence", "time", "clock"},
		}, true
	}
	return access{}, false
}

// SchoolRights are the rights of a school's banks, devices and gateways: each
// reads and writes its own topics, reads what the server says to all, and
// nothing else. A gateway also does for the devices it speaks for what these
// would do themselves. Whoever is not of a kind may nothing.
type SchoolRights struct {
	Root   string                             // such as bk/1
	Kind   func(client string) (string, bool) // one of the kinds; false for a stranger
	Valid  func(client, serial string) bool   // the certificate is the client's and not revoked
	Speaks func(gateway, device string) bool  // the device is one of the gateway's; nil: none is
}

// Known implements Rights.
func (r SchoolRights) Known(client, serial string) bool {
	_, ok := r.Kind(client)
	return ok && r.Valid(client, serial)
}

// May implements Rights.
func (r SchoolRights) May(client string, op Op, topic string) bool {
	kind, ok := r.Kind(client)
	if !ok {
		return false
	}
	a, ok := accessOf(kind)
	if !ok {
		return false
	}
	if leaf, ok := below(topic, r.Root, "s"); ok {
		return op != Write && allows(a.server, leaf)
	}
	if kind == KindGateway && r.mayFor(client, op, topic) {
		return true
	}
	leaf, ok := below(topic, r.Root, a.own, client)
	return ok && (op == Subscribe || a.may(op, leaf)) // any filter in its own subtree
}

// mayFor reports whether a gateway may do op on the topic of a device. A device
// that it comes to speak for later must reach it too, so it may subscribe to
// those of all; each delivery is asked for again.
func (r SchoolRights) mayFor(gateway string, op Op, topic string) bool {
	a, _ := accessOf(KindDevice)
	rest, ok := below(topic, r.Root, a.own)
	if !ok {
		return false
	}
	device, leaf, _ := strings.Cut(rest, "/")
	if op == Subscribe {
		return device == "+" && slices.Contains(a.read, leaf)
	}
	return r.Speaks != nil && a.may(op, leaf) && r.Speaks(gateway, device)
}

// may tells reading from writing by the leaf alone.
func (a access) may(op Op, leaf string) bool {
	return op == Read && slices.Contains(a.read, leaf) || op == Write && slices.Contains(a.write, leaf)
}

// allows reports whether a leaf, or a filter in its place, is on the list.
func allows(list []string, leaf string) bool {
	if slices.Contains(list, leaf) {
		return true
	}
	return slices.Contains(list, "+") && leaf != "" && !strings.ContainsAny(leaf, "/#+")
}

// below takes the levels off the front of a topic.
func below(topic string, levels ...string) (string, bool) {
	for _, level := range levels {
		rest, ok := strings.CutPrefix(topic, level)
		if !ok {
			return "", false
		}
		if topic, ok = strings.CutPrefix(rest, "/"); !ok {
			return "", false
		}
	}
	return topic, true
}
