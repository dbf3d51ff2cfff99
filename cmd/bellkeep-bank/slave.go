package main

import (
	"context"
	"fmt"
	"io"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
)

// slave gives a relay board its slave id, with all others off the line.
func (o options) slave(ctx context.Context, stdout io.Writer) error {
	c, err := cabinet.Load(o.config, o.devices)
	if err != nil {
		return err
	}
	if err := c.SetSlave(ctx, o.bus, o.id); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The board is slave %d of bus %s now. Stick that on it, then put the next one on the line.\n", o.id, o.bus)
	return nil
}
