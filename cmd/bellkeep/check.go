package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/sealed"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

const checkHelp = `Checks a school's folder: school.yaml, roll.csv, badges.csv and the bank files
it names, its policy.yaml and devices.yaml. Every fault is named with its file and
line; nothing is changed. With the data folder of a running server it also says
whether devices.yaml was edited since that read it, and whether the key of the
safeguarding texts is on paper.

Example: bellkeep check --school testdata/schools/mill-lane`

func checkCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	fs := newFlags("check", checkHelp)
	dir := fs.String("school", "", "the school's `folder`")
	devices := fs.String("devices", defaultDevices, "`folder` of the serial ports that bank files name without a path")
	data := fs.String("data", "", "data `folder` of the school's running server")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *dir == "" {
		return misuse("Say which school: bellkeep check --school FOLDER")
	}
	s, cabinets, err := loadSchool(*dir, *devices)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d pupils, %d badges, %d grants, %d bars\n", s.Name, len(s.Pupils), len(s.Badges), len(s.Grants), len(s.Bars))
	var unmapped []error
	for _, c := range cabinets {
		fmt.Fprintf(stdout, "%s: %d doors on %d buses, doors are %s\n", c.Label, c.Setup.Size(), len(c.Buses), c.Setup.Allotment)
		if c.Unmapped != nil {
			unmapped = append(unmapped, c.Unmapped)
		}
	}
	if without := withoutBadge(s); len(without) > 0 {
		fmt.Fprintf(stdout, "Without an active badge: %s\n", strings.Join(without, ", "))
	}
	if err := checkDevices(ctx, stdout, s.Devices, *data); err != nil {
		return err
	}
	if err := errors.Join(unmapped...); err != nil {
		return err
	}
	checkHalves(stdout, *data)
	fmt.Fprintln(stdout, "No faults.")
	return nil
}

// checkHalves warns of a key that is on this machine alone.
func checkHalves(stdout io.Writer, data string) {
	if data == "" || sealed.HalvesMade(server.KeyFile(data)) {
		return
	}
	fmt.Fprintf(stdout, "Warning: the key of the safeguarding texts has no paper halves. If this machine dies, they are lost: bellkeep safeguarding halves --key %s\n", server.KeyFile(data))
}

// checkDevices says what devices.yaml is for, and whether a server knows it.
func checkDevices(ctx context.Context, stdout io.Writer, rules *mdm.Rules, data string) error {
	if rules == nil {
		return nil
	}
	fmt.Fprintf(stdout, "Device rules: %d groups, %d profiles, %d lists\n", len(rules.Groups), len(rules.Profiles), len(rules.Lists))
	if data == "" {
		fmt.Fprintln(stdout, change.FileName+" is read once, at the server’s first start; later it changes nothing.")
		return nil
	}
	var is server.RulesKnown
	if err := control.Ask(ctx, data, "/device-rules", rules, &is); err != nil {
		return err
	}
	if !is.Known {
		fmt.Fprintf(stdout, "%s was edited, which changes nothing: version %d is in force. %s\n", change.FileName, is.InForce, change.EditedHint)
	}
	return nil
}

// withoutBadge lists the pupils who cannot scan.
func withoutBadge(s roster.School) []string {
	has := map[string]bool{}
	for _, b := range s.Badges {
		has[b.Person] = has[b.Person] || !b.Revoked
	}
	var list []string
	for _, p := range s.Pupils {
		if !has[p.ID] {
			list = append(list, p.ID)
		}
	}
	return list
}

const defaultDevices = "/dev/serial/by-path"

// loadSchool reads a school and its cabinets, and checks that the roll speaks
// of doors that exist. All faults of all files come back in one error.
func loadSchool(dir, devices string) (roster.School, []cabinet.Cabinet, error) {
	var faults config.Faults
	s := roster.Read(dir, &faults)
	var cabinets []cabinet.Cabinet
	for _, path := range s.Banks {
		cabinets = append(cabinets, cabinet.Read(path, devices, &faults))
	}
	checkRoll(s, cabinets, filepath.Join(dir, roster.RollFile), &faults)
	return s, cabinets, faults.Err()
}

func checkRoll(s roster.School, cabinets []cabinet.Cabinet, file string, faults *config.Faults) {
	banks := map[string]locker.Setup{}
	for _, c := range cabinets {
		if c.Setup.Size() > 0 {
			banks[c.Setup.Bank] = c.Setup
		}
	}
	for _, b := range s.Bars {
		if b.Subject.Door != 0 && banks[b.Subject.Bank].Class(b.Subject.Door) == "" {
			faults.Add(filepath.Join(filepath.Dir(file), "school.yaml"), 0, "bar %s: bank %q has no door %d", b.ID, b.Subject.Bank, b.Subject.Door)
		}
	}
	if len(banks) < len(s.Banks) {
		return // a bank's own faults come first
	}
	for _, p := range s.Pupils {
		switch bank, known := banks[p.Bank]; {
		case !known:
			faults.Add(file, p.Line, "person %s belongs to bank %q, which school.yaml does not name", p.ID, p.Bank)
		case p.Door != 0 && bank.Class(p.Door) != locker.ClassPupil:
			faults.Add(file, p.Line, "person %s has door %d, which bank %s does not have for pupils", p.ID, p.Door, p.Bank)
		}
	}
}
