package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
)

const deviceExplainHelp = `Says of every setting of a device what it must be, which rule says so, and which
rules that one wins over: now, or at another time by the school's own clock.

Examples:
  bellkeep device explain ipad-7 --data /var/lib/bellkeep
  bellkeep device explain ipad-7 --at 2026-11-23T10:00 --data /var/lib/bellkeep`

func deviceExplain(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newFlags("device explain", deviceExplainHelp)
	data := fs.String("data", "", "the school server's data `folder`")
	at := fs.String("at", "", "another `time`, as 2026-11-23T10:00, by this computer's time zone")
	asJSON := fs.Bool("json", false, "print it as JSON")
	var in server.DeviceChange
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		in.ID, args = args[0], args[1:]
	}
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if in.ID == "" || *data == "" {
		return misuse("Say which device and where the server keeps its data: bellkeep device explain ID --data FOLDER")
	}
	if *at != "" {
		var err error
		if in.At, err = time.ParseInLocation("2006-01-02T15:04", *at, time.Local); err != nil {
			return misuse("A time is written like 2026-11-23T10:00, not %q", *at)
		}
	}
	var out server.Explained
	if err := control.Ask(ctx, *data, "/device-explain", in, &out); err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(stdout).Encode(out)
	}
	period := out.Period
	if period == "" {
		period = "no period"
	}
	fmt.Fprintf(stdout, "%s at %s, %s\n", in.ID, out.At.Format("2006-01-02 15:04"), period)
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SETTING\tMUST BE\tBY\tOVER")
	for _, why := range out.Why {
		var over []string
		for _, c := range why.Over {
			over = append(over, claimWords(c)+" "+c.Value.String())
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", why.Setting, why.Value, claimWords(why.Claim), strings.Join(over, "; "))
	}
	return w.Flush()
}

// claimWords names the rule of a claim: period lesson (trolley-1).
func claimWords(c mdm.Claim) string {
	words := c.Layer.String()
	if c.Rule != "" {
		words += " " + c.Rule
	}
	if c.Group != "" {
		words += " (" + c.Group + ")"
	}
	return words
}
