package bus_test

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/bus/bustest"
	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestRestrictedIsAsIfConnected(t *testing.T) {
	rights := schoolRights()
	b, err := bus.NewBroker(bus.BrokerConfig{Rights: rights})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	gate := bus.Restricted{Local: b.Conn(), Rights: rights, ID: "gate"}
	inbox := bustest.Subscribe(t, gate, "trust/bk/1/d/+/desired")
	for _, dev := range []string{"tab-1", "ph-1"} {
		bustest.Publish(t, b.Conn(), "trust/bk/1/d/"+dev+"/desired", "for "+dev, true)
	}
	inbox.Expect(t, bustest.Got{Topic: "trust/bk/1/d/ph-1/desired", Payload: "for ph-1"})
	if err := gate.Publish(t.Context(), "trust/bk/1/d/ph-1/reported", []byte("{}"), true); err != nil {
		t.Error(err)
	}
	for _, topic := range []string{"trust/bk/1/d/tab-1/reported", "trust/bk/1/d/ph-1/desired"} {
		if err := gate.Publish(t.Context(), topic, nil, true); errs.CodeOf(err) != errs.Denied {
			t.Errorf("publishing to %s: %v", topic, err)
		}
	}
	for _, filter := range []string{"#", "trust/bk/1/d/tab-1/desired", "trust/bk/1/d/+/reported"} {
		if err := gate.Subscribe(t.Context(), filter, nil); errs.CodeOf(err) != errs.Denied {
			t.Errorf("subscribing to %s: %v", filter, err)
		}
	}
}
