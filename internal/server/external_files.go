package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// admission is whom the broker is to let in.
type admission struct {
	members []bus.Member
	barred  []string // serials of certificates it is to refuse
	probe   string   // another for others
	rev     int      // of the bars, when it was made
}

func (s *Server) admission() admission {
	a := admission{rev: s.bars.rev()} // first: what changes meanwhile is looked at again
	a.members, a.barred = s.members(), s.Roll.Barred(s.bars.held)
	sum := sha256.Sum256(fmt.Append(nil, a.members, a.barred))
	a.probe = hex.EncodeToString(sum[:8])
	return a
}

// members are all that belong to the school, and those that are invited: they may
// do nothing before they have a certificate.
func (s *Server) members() []bus.Member {
	kinds := map[string]string{}
	for _, b := range s.List.All() {
		kinds[b.Setup.Bank] = bus.KindBank
	}
	for _, d := range s.Fleet.Devices() {
		if !s.isGateway(d.Platform) {
			kinds[d.ID] = bus.KindDevice
		}
	}
	for _, m := range s.Roll.Members() {
		kind, ok := s.kind(m.ID)
		switch {
		case ok:
			kinds[m.ID] = kind
		case !s.Roll.Invited(m.ID): // revoked, and not to come back
			delete(kinds, m.ID)
		}
	}
	gateways := s.gateways()
	list := make([]bus.Member, 0, len(kinds))
	for _, id := range slices.Sorted(maps.Keys(kinds)) {
		list = append(list, bus.Member{ID: id, Kind: kinds[id], For: gateways[id]})
	}
	return list
}

// writeBroker writes the broker's files where they differ, and reports whether
// any did.
func (s *Server) writeBroker(a admission) (changed bool, err error) {
	if _, err := s.Authority.ServerTLS(true).GetCertificate(nil); err != nil { // renews it in time
		return false, err
	}
	path := func(name string) string { return filepath.Join(s.External.Dir, name) }
	var conf, acl bytes.Buffer
	err = bus.WriteMosquitto(&conf, &acl, bus.Mosquitto{
		Listen: s.MQTT, CA: path("ca.pem"), Certificate: path("broker.pem"), Key: path("broker-key.pem"), ACL: path("acl"), RevocationList: path("crl.pem"),
		MaxClients: s.Clients, Root: string(s.Root), Members: a.members, Probe: a.probe,
	})
	if err != nil {
		return false, err
	}
	files := map[string][]byte{"mosquitto.conf": conf.Bytes(), "acl": acl.Bytes()}
	ca, certificate, key := s.Authority.ServerFiles()
	for name, from := range map[string]string{"ca.pem": ca, "broker.pem": certificate, "broker-key.pem": key} {
		if files[name], err = os.ReadFile(from); err != nil {
			return false, errs.Wrap(err, errs.Unavailable, "The broker's certificate cannot be read.", "Look at the disk of the school server.")
		}
	}
	list, _ := os.ReadFile(path("crl.pem")) // without one it is made anew
	if files["crl.pem"], err = s.Authority.RevocationList(list, a.barred); err != nil {
		return false, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		old, err := os.ReadFile(path(name))
		if err == nil && bytes.Equal(old, files[name]) {
			continue
		}
		if err == nil && name == "mosquitto.conf" {
			slog.Warn("mosquitto.conf has changed: Mosquitto goes by it once it is started again")
		}
		if err := durable.WriteFile(path(name), files[name], 0o640); err != nil { // its group is the broker's
			return changed, err
		}
		changed = true
	}
	return changed, nil
}
