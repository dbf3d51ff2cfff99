package bus

import (
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/bellkeep/bellkeep/internal/school"
)

const longestKeepAlive = 10 * 60 // seconds; a client may not stay silent for longer

// gate is the hook that decides in the embedded broker. It embeds the
// library's base hook, which refuses everything that is not overridden.
type gate struct {
	broker.HookBase
	rights  Rights
	log     *slog.Logger
	server  *broker.Server
	maxSubs int
	pace    *pacer
	told    func(client, reason string) // of a refusal; never nil
	refused atomic.Int64
	*peers
}

// ID implements the library's Hook.
func (g *gate) ID() string { return "gate" }

// Provides implements the library's Hook.
func (g *gate) Provides(b byte) bool {
	return slices.Contains([]byte{
		broker.OnPacketRead, broker.OnConnect, broker.OnConnectAuthenticate, broker.OnACLCheck, broker.OnSubscribe, broker.OnWill, broker.OnPublishDropped,
	}, b)
}

// OnPacketRead ends the connection of a client that publishes at QoS 2 or to
// what is no topic of ours. The library would leave the first half-answered
// and the second unanswered, and the client waiting.
func (g *gate) OnPacketRead(cl *broker.Client, pk packets.Packet) (packets.Packet, error) {
	freeNumber(g.server, cl, pk)
	if pk.FixedHeader.Type == packets.Publish && (pk.FixedHeader.Qos > 1 || !validTopic(pk.TopicName) || pk.TopicName[0] == '$') {
		return pk, packets.ErrRejectPacket
	}
	return pk, nil
}

// freeNumber lets a client number a request like a message that it was sent and
// has not acknowledged: each side counts its own (MQTT 3.1.1, section 2.3.1), but
// the library would refuse the subscription. No session outlives its connection,
// so the message need not be kept to be sent again.
func freeNumber(server *broker.Server, cl *broker.Client, pk packets.Packet) {
	t := pk.FixedHeader.Type
	if (t == packets.Subscribe || t == packets.Unsubscribe) && cl.State.Inflight.Delete(pk.PacketID) {
		atomic.AddInt64(&server.Info.Inflight, -1)
	}
}

// OnConnect refuses what is not of our protocol, and a will on a topic that
// the client may not write: the library publishes wills past its access checks.
func (g *gate) OnConnect(cl *broker.Client, pk packets.Packet) error {
	if ok, first := g.pace.admit(identity(cl), time.Now()); !ok {
		return g.refuseFast(cl, first)
	}
	p, ok := cl.Net.Conn.(*peer)
	switch {
	case pk.ProtocolVersion != version311:
		return g.refuse(cl, packets.Err3UnsupportedProtocolVersion, "not MQTT 3.1.1")
	case ok && pk.Connect.WillFlag && !g.rights.Known(cl.ID, p.serial): // or its will would be blamed
		return g.refuse(cl, packets.Err3NotAuthorized, "unknown or revoked")
	case pk.Connect.WillFlag && !g.may(cl, Write, pk.Connect.WillTopic):
		return g.refuse(cl, packets.Err3NotAuthorized, "will on a foreign topic")
	case len(pk.Connect.WillPayload) > MaxPayload:
		return g.refuse(cl, packets.Err3NotAuthorized, "will too large")
	}
	cl.Properties.Clean = true // no session outlives its connection
	if cl.State.Keepalive == 0 || cl.State.Keepalive > longestKeepAlive {
		cl.State.Keepalive = longestKeepAlive
	}
	return nil
}

func (g *gate) refuse(cl *broker.Client, code packets.Code, why string) error {
	g.note(cl, why)
	_ = g.server.SendConnack(cl, code, false, nil) // the connection ends either way
	return code
}

// refuseFast refuses a client that connects too often; the log is told once.
func (g *gate) refuseFast(cl *broker.Client, first bool) error {
	if first {
		return g.refuse(cl, packets.Err3NotAuthorized, "connects too often")
	}
	g.refused.Add(1)
	g.told(identity(cl), "connects too often")
	_ = g.server.SendConnack(cl, packets.Err3NotAuthorized, false, nil) // the connection ends either way
	return packets.Err3NotAuthorized
}

// note puts a refusal on record.
func (g *gate) note(cl *broker.Client, why string) {
	g.refused.Add(1)
	g.log.Warn("the broker refused a client", "client", clip(cl.ID), "reason", why, "remote", cl.Net.Remote)
	g.told(identity(cl), why)
}

// identity is who a client is by its certificate, whatever it says of itself.
// Without one, on a loopback address, it is who it says it is.
func identity(cl *broker.Client) string {
	if p, ok := cl.Net.Conn.(*peer); ok && p.certified {
		return clip(p.client)
	}
	return clip(cl.ID)
}

// OnConnectAuthenticate lets in a client whose id, user name and certificate
// agree and that is known. It first ends the client's older connection
// entirely, its will included: left to itself the library can let that will
// overwrite the new birth, and can clean up the old session so late that the
// new one never receives anything.
func (g *gate) OnConnectAuthenticate(cl *broker.Client, pk packets.Packet) bool {
	p, ok := cl.Net.Conn.(*peer)
	why := ""
	switch {
	case !ok:
		why = "not through a listener"
	case !school.ValidID(pk.Connect.ClientIdentifier), cl.ID == broker.InlineClientId:
		why = "not a client id"
	case pk.Connect.UsernameFlag && string(pk.Connect.Username) != cl.ID:
		why = "user name differs from client id"
	case p.certified && p.client != cl.ID:
		why = "certificate is of another client"
	case !g.rights.Known(cl.ID, p.serial):
		why = "unknown or revoked"
	case !g.succeed(cl.ID, p):
		why = "its older connection does not end"
	case !g.rights.Known(cl.ID, p.serial): // revoked since; a Drop from here on finds it
		why = "revoked"
	}
	if why == "" {
		return true
	}
	g.note(cl, why)
	return false
}

// OnACLCheck is asked for each message published, each filter subscribed to
// and each message delivered.
func (g *gate) OnACLCheck(cl *broker.Client, topic string, write bool) bool {
	op := Read
	if write {
		op = Write
	} else if strings.ContainsAny(topic, "+#") {
		op = Subscribe
	}
	return g.may(cl, op, topic)
}

func (g *gate) may(cl *broker.Client, op Op, topic string) bool {
	return topic != "" && len(topic) <= MaxTopic && topic[0] != '$' && g.rights.May(cl.ID, op, topic)
}

// OnSubscribe empties the filters that are not well formed or exceed what one
// client may hold; the library refuses an empty filter.
func (g *gate) OnSubscribe(cl *broker.Client, pk packets.Packet) packets.Packet {
	if cl.Net.Inline {
		return pk
	}
	held := cl.State.Subscriptions.GetAll()
	filters := slices.Clone(pk.Filters)
	for i, sub := range filters {
		_, again := held[sub.Filter]
		if !validFilter(sub.Filter) || !again && len(held) >= g.maxSubs {
			filters[i].Filter = ""
			continue
		}
		held[sub.Filter] = sub
	}
	pk.Filters = filters
	return pk
}

// OnWill keeps back the will of a client that may no longer write its topic;
// the library delivers a message without a topic to nobody.
func (g *gate) OnWill(cl *broker.Client, will broker.Will) (broker.Will, error) {
	if !g.may(cl, Write, will.TopicName) {
		return broker.Will{}, nil
	}
	return will, nil
}

// OnPublishDropped says whose queue overflowed; Health counts how often.
func (g *gate) OnPublishDropped(cl *broker.Client, _ packets.Packet) {
	g.log.Warn("a message was dropped, its receiver is too slow", "client", cl.ID)
}

// clip bounds what a stranger can write into the log.
func clip(id string) string { return id[:min(len(id), 36)] }

// readBuffer is for the head of a packet; TLS has a buffer of its own below it,
// and what is longer is read past it. Every client has one, in bytes.
const readBuffer = 256

// capabilities are the broker's limits.
func capabilities(maxClients int) *broker.Capabilities {
	c := broker.NewDefaultServerCapabilities()
	c.MaximumClients = int64(maxClients)
	c.MaximumPacketSize = MaxPayload + packetRoom
	c.MaximumClientWritesPending = 512 // a message beyond is dropped
	c.MaximumInflight = 512            // likewise
	c.ReceiveMaximum = 256
	c.MaximumQos = 1
	c.MinimumProtocolVersion = version311
	c.SharedSubAvailable = 0
	c.TopicAliasMaximum = 0
	// The library would otherwise forget retained messages after a day.
	c.MaximumMessageExpiryInterval = 0
	return c
}
