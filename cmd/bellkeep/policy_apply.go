package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
)

const policyApplyHelp = `Puts a changed policy.yaml before the headteacher: what would change, from when and
why. Nothing is in force by it. On the page of the rules somebody who may change
them makes it their own, or drops it. The school server must be running.

Example: bellkeep policy apply policy.yaml --from 2027-01-04 --why "As governors agreed" --data /var/lib/bellkeep`

func policyApply(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newFlags("policy apply FILE", policyApplyHelp)
	data := fs.String("data", "", "the school server's data `folder`")
	by := fs.String("by", "it", "`account` of who does this")
	from := fs.String("from", "", "`day` from which the rules shall be in force; without it at once")
	why := fs.String("why", "", "`reason`, one sentence")
	files, err := parseWords(fs, args, stdout, 1)
	if err != nil {
		return err
	}
	if *data == "" || *why == "" {
		return misuse("Say why, and where the server keeps its data: bellkeep policy apply FILE --why TEXT --data FOLDER")
	}
	in := server.RulesChange{By: *by, Why: *why}
	if *from != "" {
		if in.From, err = school.ParseDate(*from); err != nil {
			return misuse("--from: %v", err)
		}
	}
	var faults config.Faults
	f := rules.ReadFile(files[0], &faults)
	checkClauses(filepath.Dir(files[0]), f, &faults)
	if err := faults.Err(); err != nil {
		return err
	}
	in.Rules = f.Rules
	var changes []string
	if err := control.Ask(ctx, *data, "/policy", in, &changes); err != nil {
		return err
	}
	for _, c := range changes {
		fmt.Fprintln(stdout, c)
	}
	fmt.Fprintln(stdout, "This waits on the page of the rules. Nothing has changed yet.")
	return nil
}
