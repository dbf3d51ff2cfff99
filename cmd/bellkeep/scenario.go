package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/bellkeep/bellkeep/firmware-bridge/scenario"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const scenarioHelp = `Plays school days from scripts and says where they come out differently from what
the script expects: records, screens, doors, places, notices. Books, rules and
banks are the product's own; time is simulated. It ends with 1 if anything differs.

A script says who does what when:

  scenario: lost-badge
  about: A lost badge opens nothing any more.
  schools: [elmfield]
  day: 2026-11-23
  people:
    - {name: P, is: pupil, form: 9B}
    - {name: O1, is: staff, role: office}
  steps:
    - at: "08:20"
      who: O1
      does: replace-badge
      with: {of: P, why: lost}
      expect: {records: {school: {badge-revoked: 1, badge-issued: 1}}}
    - at: "08:21"
      who: P
      does: scan
      with: {badge: old}
      expect: {screen: office, opened: [], records: {banks: {turned revoked: 1}}}

Every word that does and expect know: bellkeep scenario --words. More is in
testdata/scenarios/README.md, beside scripts to copy.

Examples:
  bellkeep scenario testdata/scenarios/*.yaml
  bellkeep scenario -v my-day.yaml --school /etc/bellkeep/school`

// scenarioOptions is what the command line says.
type scenarioOptions struct {
	files          []string
	school         string
	verbose, words bool
}

func scenarioCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	o, err := parseScenario(args, stdout)
	if err != nil {
		return err
	}
	if o.words {
		_, err := io.WriteString(stdout, scenario.Reference())
		return err
	}
	dir, err := os.MkdirTemp("", "bellkeep-schools-")
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "No folder could be made for the schools.", "Free some space for temporary files.")
	}
	p := scenarioPlay{scenarioOptions: o, dir: dir, out: stdout}
	return errors.Join(p.all(ctx), os.RemoveAll(dir))
}

// parseScenario takes files and flags in any order.
func parseScenario(args []string, stdout io.Writer) (o scenarioOptions, err error) {
	f := newFlags("scenario FILE...", scenarioHelp)
	f.StringVar(&o.school, "school", "", "`name` of a school that is built in, or a folder; without it all that the script names")
	f.BoolVar(&o.verbose, "v", false, "tell every step")
	f.BoolVar(&o.words, "words", false, "explain every word of a script, and end")
	for {
		err := f.Parse(args)
		if err != nil || f.NArg() == 0 {
			break
		}
		o.files = append(o.files, f.Arg(0))
		args = f.Args()[1:]
	}
	if err := parse(f, args, stdout); err != nil {
		return o, err
	}
	if len(o.files) == 0 && !o.words {
		return o, misuse("Say which script to play: bellkeep scenario FILE. Run: bellkeep scenario --help")
	}
	return o, nil
}

// scenarioPlay plays some scripts.
type scenarioPlay struct {
	scenarioOptions
	dir            string // for schools that are built in
	out            io.Writer
	played, differ int
}

// all plays every script at every school it is for.
func (p *scenarioPlay) all(ctx context.Context) error {
	for _, file := range p.files {
		script, err := scenario.Load(file)
		if err != nil {
			return err
		}
		where := script.Schools
		if p.school != "" {
			where = []string{p.school}
		}
		for _, school := range where {
			if err := p.play(ctx, script, school); err != nil {
				return err
			}
		}
	}
	if p.differ > 0 {
		return errs.New(errs.Conflict, fmt.Sprintf("%d of %d came out differently.", p.differ, p.played), "Look at the lines above: the script expects something else, or the product does.")
	}
	return nil
}

func (p *scenarioPlay) play(ctx context.Context, script scenario.Script, school string) error {
	folder, err := schoolFolder(school, filepath.Join(p.dir, "school"))
	if err != nil {
		return err
	}
	s, err := scenario.OpenSchool(folder, script.Day)
	if err != nil {
		return err
	}
	report, err := scenario.Play(ctx, script, s)
	if err != nil {
		return err
	}
	report.Print(p.out, p.verbose)
	p.played++
	if report.Differs() {
		p.differ++
	}
	return nil
}
