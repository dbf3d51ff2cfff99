package main

import (
	"context"
	"errors"
	"testing"

	"github.com/bellkeep/bellkeep/mdm/relay"
)

// What ends a gateway in the school's server does not end the server.
func TestAGatewayEndsAlone(t *testing.T) {
	t.Parallel()
	ran := false
	err := alone(t.Context(), "headwind", nil, func(context.Context, relay.Bus) error { ran = true; return errors.New("its disk is full") })
	if err != nil || !ran {
		t.Errorf("it ended the server with %v", err)
	}
}
