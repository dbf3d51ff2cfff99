// Package bus carries messages between the school server, its banks and its
// devices over MQTT 3.1.1 (OASIS standard, 29 October 2014).
//
// Every message travels at QoS 1 in a clean session: a sender knows that the
// broker has it, a receiver may meet it twice, and nothing waits in a session
// for somebody who is away. What must outlive a connection is retained, or is
// sent again by its owner. A retained copy that a new subscriber is given may
// arrive after a newer live message, so retained payloads carry a version, a
// session or a time, and receivers keep the highest.
//
// Client id, user name and the common name of the client's certificate are one
// and the same. A client reads and writes its own topics only, its will's
// topic included; nobody reads $SYS.
//
// Three things here publish and subscribe alike: [Client] over the network,
// [Local] inside the process of the embedded [Broker], and either of them
// against Mosquitto configured by [WriteMosquitto], which says what that one cannot
// do: limit how often a client connects, end the connection of a client that was
// revoked, and answer what is forbidden. [Restricted] is the second with the rights of
// one client.
//
// [Pager] is another broker, for phones whose agent knows neither TLS nor
// certificates. It shares nothing with the school's.
package bus

import (
	"strings"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Written limits of what travels.
const (
	MaxPayload = 1 << 20 // bytes in one message
	MaxTopic   = 256     // bytes in a topic or filter

	packetRoom = MaxTopic + 64 // what a packet adds to its payload, with room to spare
)

// Message is what a broker delivers: Retained tells the copy that was waiting
// for a new subscriber from a message sent just now.
type message struct {
	topic    string
	payload  []byte
	retained bool
}

// Handler is given one message after the other, in the order of arrival.
// payload belongs to it.
type Handler = func(topic string, payload []byte, retained bool)

func checkMessage(topic string, payload []byte) error {
	if !validTopic(topic) {
		return errs.New(errs.Invalid, "This is no topic a message can be sent to.", "Use 1 to 256 bytes without + and #.")
	}
	if len(payload) > MaxPayload {
		return errs.New(errs.Invalid, "The message is larger than 1 MiB.", "Send it in parts.")
	}
	return nil
}

func checkFilter(filter string) error {
	if !validFilter(filter) {
		return errs.New(errs.Invalid, "This is no topic filter.", "A + fills one level, a # the whole rest; at most 256 bytes.")
	}
	return nil
}

// validTopic holds for a topic that can be published to (section 4.7).
func validTopic(topic string) bool {
	return topic != "" && len(topic) <= MaxTopic && utf8.ValidString(topic) && !strings.ContainsAny(topic, "+#\x00")
}

// validFilter holds for a filter that can be subscribed to (section 4.7.1).
func validFilter(filter string) bool {
	if filter == "" || len(filter) > MaxTopic || !utf8.ValidString(filter) || strings.ContainsRune(filter, 0) {
		return false
	}
	for rest, more := filter, true; more; {
		var level string
		level, rest, more = strings.Cut(rest, "/")
		if len(level) > 1 && strings.ContainsAny(level, "+#") || level == "#" && more {
			return false
		}
	}
	return true
}

// matches reports whether a topic is one that filter asks for. Wildcards do
// not reach topics that begin with $ (section 4.7.2).
func matches(filter, topic string) bool {
	if strings.HasPrefix(topic, "$") && !strings.HasPrefix(filter, "$") {
		return false
	}
	for {
		want, filterRest, moreFilter := strings.Cut(filter, "/")
		have, topicRest, moreTopic := strings.Cut(topic, "/")
		switch {
		case want == "#":
			return true
		case want != "+" && want != have:
			return false
		case !moreTopic:
			return !moreFilter || filterRest == "#" // a/# also asks for a
		case !moreFilter:
			return false
		}
		filter, topic = filterRest, topicRest
	}
}
