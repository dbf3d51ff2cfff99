package main

import (
	"context"
	"fmt"
	"io"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/roster"
)

const checkHelp = `Checks a school's folder: school.yaml, roll.csv, badges.csv and the bank files
it names. Every fault is named with its file and line; nothing is changed.

Example: bellkeep check --school testdata/schools/mill-lane`

func checkCommand(_ context.Context, args []string, stdout, _ io.Writer) error {
	fs := newFlags("check", checkHelp)
	dir := fs.String("school", "", "the school's `folder`")
	devices := fs.String("devices", defaultDevices, "`folder` of the serial ports that bank files name without a path")
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
	for _, c := range cabinets {
		fmt.Fprintf(stdout, "%s: %d doors on %d buses, doors are %s\n", c.Label, len(c.Setup.Doors), len(c.Buses), c.Setup.Allotment)
	}
	fmt.Fprintln(stdout, "No faults.")
	return nil
}

const defaultDevices = "/dev/serial/by-path"

// loadSchool reads a school and its cabinets, and checks that the roll speaks
// of doors that exist.
func loadSchool(dir, devices string) (roster.School, []cabinet.Cabinet, error) {
	s, err := roster.Load(dir)
	faults := []error{err}
	var cabinets []cabinet.Cabinet
	for _, path := range s.Banks {
		c, err := cabinet.Load(path, devices)
		faults = append(faults, err)
		cabinets = append(cabinets, c)
	}
	if err := firstAndAll(faults); err != nil {
		return s, cabinets, err
	}
	return s, cabinets, checkRoll(s, cabinets)
}

// firstAndAll joins the faults of several files into one error with one next
// step.
func firstAndAll(faults []error) error {
	var found []error
	for _, err := range faults {
		if err != nil {
			found = append(found, err)
		}
	}
	switch len(found) {
	case 0:
		return nil
	case 1:
		return found[0]
	}
	text := ""
	for i, err := range found {
		if i > 0 {
			text += "\n"
		}
		text += err.Error()
	}
	return errs.New(errs.Invalid, text, errs.HintOf(found[0]))
}

func checkRoll(s roster.School, cabinets []cabinet.Cabinet) error {
	doors := map[string]map[int]bool{}
	for _, c := range cabinets {
		doors[c.Setup.Bank] = map[int]bool{}
		for _, n := range c.Setup.Doors {
			doors[c.Setup.Bank][n] = true
		}
	}
	for _, p := range s.Pupils {
		bank, known := doors[p.Bank]
		switch {
		case !known:
			return errs.New(errs.Invalid, fmt.Sprintf("roll.csv: person %s belongs to bank %q, which school.yaml does not name.", p.ID, p.Bank), "Correct the roll, or add the bank's file to banks.")
		case p.Door != 0 && !bank[p.Door]:
			return errs.New(errs.Invalid, fmt.Sprintf("roll.csv: person %s has door %d, which bank %s does not have.", p.ID, p.Door, p.Bank), "Correct the roll, or the bank's doors.")
		}
	}
	return nil
}
