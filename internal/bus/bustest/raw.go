package bustest

import (
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// dialRaw connects as a client that does only what the test tells it to.
func dialRaw(t *testing.T, b Broker, id string) net.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", b.Address(), b.Authority().Client(t, id))
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	hello := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	hello.ProtocolName, hello.ProtocolVersion, hello.ClientIdentifier, hello.CleanSession, hello.Keepalive = "MQTT", 4, id, true, 60
	must(t, hello.Write(conn))
	if got := receive[*packets.ConnackPacket](t, conn); got.ReturnCode != packets.Accepted {
		t.Fatalf("the connection was answered with %v", got)
	}
	return conn
}

func receive[P packets.ControlPacket](t *testing.T, conn net.Conn) P {
	t.Helper()
	got, err := packets.ReadPacket(conn)
	must(t, err)
	p, ok := got.(P)
	if !ok {
		t.Fatalf("received %v", got)
	}
	return p
}

// sameNumber numbers its requests like a message that it was sent and has not
// acknowledged. Each side counts its own (MQTT 3.1.1, section 2.3.1).
func sameNumber(t *testing.T, b Broker) {
	const desired, command = "bk/1/d/tab-1/desired", "bk/1/d/tab-1/cmd"
	control := b.Control(t)
	Publish(t, control, desired, "shut", true)
	conn := dialRaw(t, b, "tab-1")
	ask := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	ask.Qos, ask.MessageID, ask.Topics, ask.Qoss = 1, 1, []string{desired}, []byte{1}
	must(t, ask.Write(conn))
	receive[*packets.SubackPacket](t, conn)
	shut := receive[*packets.PublishPacket](t, conn)

	ask.MessageID, ask.Topics = shut.MessageID, []string{command}
	must(t, ask.Write(conn))
	if got := receive[*packets.SubackPacket](t, conn); got.MessageID != shut.MessageID || got.ReturnCodes[0] != 1 {
		t.Fatalf("the subscription was answered with %v", got)
	}
	Publish(t, control, command, "lock", false)
	lock := receive[*packets.PublishPacket](t, conn)

	leave := packets.NewControlPacket(packets.Unsubscribe).(*packets.UnsubscribePacket)
	leave.Qos, leave.MessageID, leave.Topics = 1, lock.MessageID, []string{command}
	must(t, leave.Write(conn))
	receive[*packets.UnsubackPacket](t, conn)
	Publish(t, control, command, "nobody hears it", false)
	Publish(t, control, desired, "open", true)
	if got := receive[*packets.PublishPacket](t, conn); string(got.Payload) != "open" {
		t.Errorf("received %v", got)
	}
}
