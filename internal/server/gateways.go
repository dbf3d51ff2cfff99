package server

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// gatewaysEvery is how often a change of the fleet is looked for.
const gatewaysEvery = time.Second

// speaks reports whether a device is one of those a gateway speaks for: it is
// managed, and its platform is the gateway's id.
func (s *Server) speaks(gateway, device string) bool {
	l, ok := s.Fleet.Device(device)
	return ok && l.Retired.IsZero() && l.Device.Platform == gateway
}

// spokenFor reports whether there is a gateway for a device.
func (s *Server) spokenFor(device string) bool {
	l, ok := s.Fleet.Device(device)
	if !ok || !l.Retired.IsZero() {
		return false
	}
	return s.isGateway(l.Device.Platform)
}

// GatewayConn is the broker for a gateway inside this process, which may do there
// what it could if it had joined.
func (s *Server) GatewayConn(id string) bus.Restricted {
	rights := s.rights()
	rights.Kind = func(string) (string, bool) { return bus.KindGateway, true }
	return bus.Restricted{Local: s.Broker.Conn(), Rights: rights, ID: id}
}

func (s *Server) isGateway(id string) bool {
	kind, ok := s.Roll.Belongs(id)
	return ok && kind == cert.Gateway || slices.Contains(s.Gateways, id)
}

// tellGateways tells each gateway which devices it speaks for, whenever that has
// changed, until ctx ends. So it need not conclude from silence that a device
// was retired.
func (s *Server) tellGateways(ctx context.Context) error {
	told := map[string]uint64{} // version of the fleet, by gateway
	for {
		version, lists := s.Fleet.Version(), s.gateways()
		for _, gateway := range slices.Sorted(maps.Keys(lists)) {
			if version == told[gateway] {
				continue
			}
			if err := s.tellGateway(ctx, gateway, wire.Devices{V: wire.V, Rev: version, Devices: lists[gateway]}); err != nil {
				slog.Warn("a gateway could not be told its devices; it is tried again", "gateway", gateway, "err", err)
				continue
			}
			told[gateway] = version
		}
		if wait.For(ctx, gatewaysEvery) != nil {
			return nil
		}
	}
}

// gateways are the devices of each gateway that belongs to the school.
func (s *Server) gateways() map[string][]string {
	lists := map[string][]string{}
	for _, id := range s.Gateways {
		lists[id] = []string{}
	}
	for _, m := range s.Roll.Members() {
		if s.isGateway(m.ID) {
			lists[m.ID] = []string{}
		}
	}
	if len(lists) == 0 {
		return nil
	}
	for _, d := range s.Fleet.Devices() {
		if list, ok := lists[d.Platform]; ok {
			lists[d.Platform] = append(list, d.ID)
		}
	}
	return lists
}

func (s *Server) tellGateway(ctx context.Context, gateway string, devices wire.Devices) error {
	payload, err := wire.Encode(devices)
	if err != nil {
		return err
	}
	sealed, err := wire.Seal(s.Authority.SigningKey(), wire.TypeDevices, payload)
	if err != nil {
		return err
	}
	return s.Broker.Conn().Publish(ctx, s.Root.Gateway(gateway, wire.LeafDevices), sealed, true)
}
