package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/server"
)

const deviceListHelp = `Shows every device: its groups, the id of whoever has it, and whether what it must be
is in force.

Example: bellkeep device list --data /var/lib/bellkeep`

func deviceList(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newFlags("device list", deviceListHelp)
	data := fs.String("data", "", "the school server's data `folder`")
	asJSON := fs.Bool("json", false, "print the list as JSON")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *data == "" {
		return misuse("Say where the server keeps its data: bellkeep device list --data FOLDER")
	}
	var list []server.DeviceLine
	if err := control.Ask(ctx, *data, "/devices", struct{}{}, &list); err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(stdout).Encode(list)
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DEVICE\tLABEL\tGROUP\tPLATFORM\tHOLDER\tSTATE")
	for _, d := range list {
		state := string(d.Verdict)
		switch {
		case d.Retired:
			state = "retired"
		case d.Quarantined:
			state += ", in quarantine"
		case !d.Lost.IsZero():
			state = "lost"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, cmp.Or(d.Label, "-"), strings.Join(d.Groups, ", "), d.Platform, cmp.Or(d.Holder, "-"), cmp.Or(state, "-"))
	}
	return w.Flush()
}
