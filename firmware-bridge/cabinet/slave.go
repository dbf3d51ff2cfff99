package cabinet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/hardware/modbusrelay"
	"github.com/bellkeep/bellkeep/hardware/serialport"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// SetSlave gives the one relay board that is on a bus just now its slave id. Errors:
// not_found for the bus, invalid for one of other boards or an id that no board of
// it has, those of the port and of modbusrelay.SetSlave.
func (c Cabinet) SetSlave(ctx context.Context, bus string, id int) (err error) {
	i := slices.IndexFunc(c.Buses, func(b Bus) bool { return b.Name == bus })
	if i < 0 {
		var names []string
		for _, b := range c.Buses {
			names = append(names, b.Name)
		}
		return errs.New(errs.NotFound, fmt.Sprintf("The bank's file has no bus %q.", bus), "Name one of its buses with --bus: "+strings.Join(names, ", ")+".")
	}
	boards, ok := c.Buses[i].Boards.(modbusrelay.Config)
	if !ok {
		return errs.New(errs.Invalid, "The boards of bus "+bus+" have switches for their addresses.", "Set those; only boards of driver modbus-relay are given slave ids.")
	}
	if id < boards.FirstSlave || id >= boards.FirstSlave+boards.Boards {
		return errs.New(errs.Invalid, "By the bank's file no board of bus "+bus+" is that slave.", "Its boards have the ids from first_slave on, one after the other.")
	}
	port, err := serialport.Open(c.Buses[i].Line)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, port.Close()) }()
	return modbusrelay.SetSlave(ctx, port, boards.Baud, id)
}
