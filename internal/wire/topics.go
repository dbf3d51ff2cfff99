package wire

import (
	"strings"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Root is what every topic begins with. A prefix before bk/1 keeps several
// schools apart on one broker.
type Root string

// DefaultRoot is the root of a school that has a broker to itself.
const DefaultRoot Root = "bk/1"

// Leaf is the last part of a topic.
type Leaf string

// The leaves.
const (
	LeafDirectory  Leaf = "directory"
	LeafPlan       Leaf = "plan"
	LeafOrder      Leaf = "order"
	LeafJournalAck Leaf = "journal-ack"
	LeafJournal    Leaf = "journal"
	LeafAnswer     Leaf = "answer"
	LeafState      Leaf = "state"
	LeafPresence   Leaf = "presence"
	LeafDesired    Leaf = "desired"
	LeafCommand    Leaf = "cmd"
	LeafReported   Leaf = "reported"
	LeafAck        Leaf = "ack"
	LeafEvent      Leaf = "event"
	LeafTime       Leaf = "time"
	LeafClock      Leaf = "clock"
	LeafDevices    Leaf = "devices"
)

// Any stands for every bank or device in a subscription.
const Any = "+"

// Bank is the topic of one bank, or with Any of all of them.
func (r Root) Bank(bank string, leaf Leaf) string {
	return string(r) + "/b/" + bank + "/" + string(leaf)
}

// Device is the topic of one device, or with Any of all of them.
func (r Root) Device(device string, leaf Leaf) string {
	return string(r) + "/d/" + device + "/" + string(leaf)
}

// Gateway is the topic of one gateway.
func (r Root) Gateway(gateway string, leaf Leaf) string {
	return string(r) + "/g/" + gateway + "/" + string(leaf)
}

// Server is a topic of the school server's own.
func (r Root) Server(leaf Leaf) string { return string(r) + "/s/" + string(leaf) }

// Whose takes a topic of a bank or device apart. It is false for every other
// topic.
func (r Root) Whose(topic string) (id string, leaf Leaf, ok bool) {
	rest, ok := strings.CutPrefix(topic, string(r)+"/")
	parts := strings.Split(rest, "/")
	if !ok || len(parts) != 3 || (parts[0] != "b" && parts[0] != "d") || !school.ValidID(parts[1]) {
		return "", "", false
	}
	return parts[1], Leaf(parts[2]), true
}
