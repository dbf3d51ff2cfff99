package bus_test

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/bus/bustest"
)

func TestEmbeddedBroker(t *testing.T) {
	bustest.Run(t, func(t *testing.T) bustest.Broker { return bustest.StartEmbedded(t) })
}

func TestMosquitto(t *testing.T) {
	bustest.Run(t, func(t *testing.T) bustest.Broker { return bustest.StartMosquitto(t) })
}
