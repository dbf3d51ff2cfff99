package bus

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// queuedEach is how many messages of each client may wait for the server: all come
// back at once after a power cut, and each has a death, a birth and a report.
const queuedEach = 8

// The school server's own identities on an external broker. The second only reads
// the broker's log, so that many lines there displace no message.
const (
	ServerID  = "server"
	WatcherID = "school"
)

// Member is a bank, a device or a gateway of the school.
type Member struct {
	ID   string
	Kind string   // one of the kinds
	For  []string // of a gateway: ids of the devices it speaks for
}

// Equal reports whether two members are the same and may do the same.
func (m Member) Equal(o Member) bool {
	return m.ID == o.ID && m.Kind == o.Kind && slices.Equal(m.For, o.For)
}

// Mosquitto says how an external Mosquitto (2.0) is set up. All paths are
// absolute.
type Mosquitto struct {
	Listen         string // host:port
	CA             string // PEM: the school's authority
	Certificate    string // PEM: the broker's
	Key            string // PEM
	RevocationList string // PEM; empty is none
	ACL            string // where what WriteMosquitto gives as acl is kept
	MaxClients     int    // 0 means 2,048
	Root           string // such as bk/1
	Members        []Member
	Probe          string // letters and digits; the server may use ProbeTopic of it, "" for none
}

// ProbeTopic is a topic that only the server may use, and only once the access
// list with this probe is in force. Mosquitto does not say when it is.
func ProbeTopic(probe string) string { return "bellkeep/probe/" + probe }

// WriteMosquitto writes the configuration and the access list that give
// Mosquitto the rules of the embedded broker. A revoked member is left out of
// Members, its certificates are put on RevocationList, and Mosquitto is sent
// SIGHUP: from then on it hears and says nothing and cannot connect again. There
// is a block of rules for each member and no pattern rule, because pattern rules
// go on holding for a revoked client that is still connected.
//
// What Mosquitto cannot do:
//
//   - It has no limit on how often one client connects; [Connects] tells who does too
//     often, from its log, and whoever does is put on the list for a while. Until the
//     list is in force more connections get through than the limit says.
//   - It leaves a connection that stands alone when its certificate is revoked;
//     whoever takes the client's id over ends it.
//   - It answers nothing that is forbidden: it grants a foreign subscription and then
//     delivers nothing for it, and it acknowledges a foreign publish and drops it.
//   - Of its configuration it reads only the access list, the certificates and the
//     revocation list again; for the rest it must be started again. A SIGHUP during a
//     reload is lost.
func WriteMosquitto(conf, acl io.Writer, m Mosquitto) error {
	if err := m.check(); err != nil {
		return err
	}
	if err := m.writeConf(conf); err != nil {
		return errs.Wrap(err, errs.Unavailable, "Mosquitto's configuration could not be written.", "Check the disk.")
	}
	if err := m.writeACL(acl); err != nil {
		return errs.Wrap(err, errs.Unavailable, "Mosquitto's access list could not be written.", "Check the disk.")
	}
	return nil
}

func (m Mosquitto) check() error {
	if _, _, err := net.SplitHostPort(m.Listen); err != nil || strings.ContainsAny(m.Listen, " \t\r\n") {
		return errs.New(errs.Invalid, "Mosquitto's address is not host:port.", "Write it like 0.0.0.0:8883.")
	}
	for _, path := range []string{m.CA, m.Certificate, m.Key, m.ACL} {
		if !filepath.IsAbs(path) || strings.ContainsAny(path, "\r\n") {
			return errs.New(errs.Invalid, "Mosquitto needs absolute paths of its files.", "Give CA, certificate, key and access list.")
		}
	}
	if m.RevocationList != "" && (!filepath.IsAbs(m.RevocationList) || strings.ContainsAny(m.RevocationList, "\r\n")) {
		return errs.New(errs.Invalid, "Mosquitto needs the absolute path of the revocation list.", "Give the whole path.")
	}
	if !validTopic(m.Root) || strings.ContainsAny(m.Root, " \t\r\n") {
		return errs.New(errs.Invalid, "The root of the topics is not valid.", "Use one like bk/1.")
	}
	if !school.ValidID(m.Probe) && m.Probe != "" {
		return errs.New(errs.Invalid, "The probe of an access list is not valid.", "Use letters and digits.")
	}
	for _, member := range m.Members {
		if _, ok := accessOf(member.Kind); !ok || !school.ValidID(member.ID) || member.ID == ServerID || member.ID == WatcherID {
			return errs.New(errs.Invalid, "A member of the bus has no valid id or kind.", "Check the list of banks and devices.")
		}
		for _, device := range member.For {
			if member.Kind != KindGateway || !school.ValidID(device) {
				return errs.New(errs.Invalid, "A member of the bus speaks for what is no device.", "Check the list of gateways and devices.")
			}
		}
	}
	return nil
}

func (m Mosquitto) writeConf(w io.Writer) error {
	host, port, _ := net.SplitHostPort(m.Listen) // checked
	out := bufio.NewWriter(w)
	line := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) } // Flush reports errors
	line("# Written by Bellkeep; changes are overwritten.")
	line("per_listener_settings false")
	line("listener %s %s", port, host)
	line("cafile %s", m.CA)
	line("certfile %s", m.Certificate)
	line("keyfile %s", m.Key)
	if m.RevocationList != "" {
		line("crlfile %s", m.RevocationList)
	}
	line("tls_version tlsv1.2") // the lowest it accepts
	line("require_certificate true")
	line("use_identity_as_username true")
	line("use_username_as_clientid true")
	line("allow_anonymous false")
	line("acl_file %s", m.ACL)
	clients := orElse(m.MaxClients, 2048)
	line("max_connections %d", clients)
	line("message_size_limit %d", MaxPayload)
	line("max_packet_size %d", MaxPayload+packetRoom) // a longer one is not even read
	line("max_inflight_messages 64")
	line("max_queued_messages %d", clients*queuedEach) // more for the server would be dropped
	line("max_qos 1")
	line("persistence false")
	line("sys_interval 0")
	line("log_dest stderr\nlog_dest topic") // the second for Connects
	line("log_type error\nlog_type warning\nlog_type notice\nlog_type information")
	return out.Flush()
}

func (m Mosquitto) writeACL(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# Written by Bellkeep; changes are overwritten.\n\nuser %s\ntopic readwrite %s/#\n", ServerID, m.Root)
	if m.Probe != "" {
		fmt.Fprintf(out, "topic readwrite %s\n", ProbeTopic(m.Probe))
	}
	fmt.Fprintf(out, "\nuser %s\ntopic read %s\n", WatcherID, ConnectsTopic)
	for _, member := range m.Members {
		a, _ := accessOf(member.Kind) // checked
		own := m.Root + "/" + a.own + "/" + member.ID
		fmt.Fprintf(out, "\nuser %s\n", member.ID)
		rules(out, "read", own, a.read)
		rules(out, "write", own, a.write)
		rules(out, "read", m.Root+"/s", a.server)
		device, _ := accessOf(KindDevice)
		for _, id := range member.For {
			rules(out, "read", m.Root+"/"+device.own+"/"+id, device.read)
			rules(out, "write", m.Root+"/"+device.own+"/"+id, device.write)
		}
	}
	return out.Flush()
}

func rules(w io.Writer, access, above string, leaves []string) {
	for _, leaf := range leaves {
		fmt.Fprintf(w, "topic %s %s/%s\n", access, above, leaf)
	}
}
