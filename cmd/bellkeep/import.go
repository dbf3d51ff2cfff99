package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

const importHelp = `Reads a school's people from a OneRoster 1.1 CSV export, a folder or a ZIP file,
and shows how they differ from the register. Nothing is changed without --apply.
People are matched by their sourcedId; whoever the export leaves out is taken
off the roll, never deleted. Passwords in the export are not read.

Examples:
  bellkeep import oneroster --data /var/lib/bellkeep --from export.zip
  bellkeep import oneroster --data /var/lib/bellkeep --from export.zip \
    --contacts contacts.csv --school /etc/bellkeep/school --apply`

// importOptions is what the command line says.
type importOptions struct {
	data, from, contacts, school, by string
	apply, doorsEmpty, all           bool
	stated                           register.Stated
}

func importCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseImport(args, stdout)
	if err != nil {
		return err
	}
	roll, err := readRoll(o.from, o.contacts, school.DateOf(time.Now()))
	if err != nil {
		return err
	}
	banks, err := o.banks()
	if err != nil {
		return err
	}
	if o.apply {
		return o.run(ctx, roll, banks, stdout, stderr)
	}
	return o.preview(ctx, roll, banks, stdout)
}

func parseImport(args []string, stdout io.Writer) (importOptions, error) {
	var o importOptions
	help := len(args) == 1 && (args[0] == "--help" || args[0] == "-h")
	switch {
	case help:
	case len(args) > 0 && args[0] == "oneroster":
		args = args[1:]
	default:
		return o, misuse("There is: bellkeep import oneroster. Run: bellkeep import --help")
	}
	fs := newFlags("import oneroster", importHelp)
	fs.StringVar(&o.data, "data", "", "the school server's data `folder`")
	fs.StringVar(&o.from, "from", "", "the export: a `folder or ZIP file`")
	fs.StringVar(&o.contacts, "contacts", "", "CSV `file` of whom to call about each pupil; without it contacts stay as they are")
	fs.StringVar(&o.school, "school", "", "the school's `folder`; its bank files say which doors can be given out. Without it nobody is given one")
	fs.StringVar(&o.by, "by", "import", "staff `id` of who applies it, rather than a name")
	fs.BoolVar(&o.apply, "apply", false, "record the differences")
	fs.BoolVar(&o.all, "all", false, "list everybody who differs, not only the first few")
	fs.BoolVar(&o.doorsEmpty, "doors-empty", false, "the doors of all leavers have been seen empty: give them to others")
	fs.IntVar(&o.stated.Leavers, "leavers", 0, "`number` of pupils leaving, needed when they are more than the school's rules let pass")
	fs.IntVar(&o.stated.StaffLeavers, "staff-leavers", 0, "`number` of staff leaving, likewise")
	fs.IntVar(&o.stated.Renamed, "renamed", 0, "`number` of pupils whose name changes, likewise")
	if err := parse(fs, args, stdout); err != nil {
		return o, err
	}
	if o.data == "" || o.from == "" {
		return o, misuse("Say what to read and where to: bellkeep import oneroster --data FOLDER --from FOLDER_OR_ZIP")
	}
	return o, nil
}

// banks are those of the school's folder; none without one.
func (o importOptions) banks() ([]locker.Setup, error) {
	if o.school == "" {
		return nil, nil
	}
	_, cabinets, err := loadSchool(o.school, defaultDevices)
	var banks []locker.Setup
	for _, c := range cabinets {
		banks = append(banks, c.Setup)
	}
	return banks, err
}

// preview shows what would change and writes nothing.
func (o importOptions) preview(ctx context.Context, roll register.Roll, banks []locker.Setup, stdout io.Writer) error {
	book, err := readRegister(ctx, o.data)
	if err != nil {
		return err
	}
	now := book.State()
	would := imported{changes: register.Diff(now, roll)}
	would.placed, would.without = register.Allot(foreseen(now, would.changes), banks, o.held())
	printChanges(stdout, would.changes, o.all)
	printDoors(stdout, would, len(banks) > 0)
	fmt.Fprintln(stdout, "This is a preview; nothing was changed.")
	if err := book.Check(would.changes, o.stated); err != nil {
		fmt.Fprintf(stdout, "It would be refused: %v %s\n", err, errs.HintOf(err))
		return nil
	}
	fmt.Fprintln(stdout, "To apply it, run the same command with --apply.")
	return nil
}

// held tells whose doors are to be left alone: nil means everybody's.
func (o importOptions) held() func(string, locker.Place) bool {
	if !o.doorsEmpty {
		return nil
	}
	return func(string, locker.Place) bool { return false }
}

// foreseen is everybody after changes, as far as doors are concerned.
func foreseen(now register.State, c register.Changes) []register.Person {
	leaving := map[string]bool{}
	for _, p := range c.Left {
		leaving[p.ID] = true
	}
	for i, p := range now.People {
		if leaving[p.ID] {
			now.People[i].Left = time.Now()
		}
	}
	for _, e := range c.New {
		now.People = append(now.People, register.Person{ID: e.MIS, Kind: e.Kind, Details: e.Details})
	}
	return now.People
}

// run applies what differs.
func (o importOptions) run(ctx context.Context, roll register.Roll, banks []locker.Setup, stdout, stderr io.Writer) (err error) {
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The data folder cannot be made.", "Choose a folder you may write to with --data.")
	}
	bar := newProgress(stderr)
	r, err := openRegister(ctx, o.data, bar)
	if err != nil {
		return err
	}
	defer func() { err = firstOf([]error{err, r.Close()}) }()
	done, err := importRoster(ctx, r.book, o.by, roll, banks, o.stated, o.held())
	bar.clear()
	if err != nil {
		return err
	}
	printChanges(stdout, done.changes, o.all)
	printDoors(stdout, done, len(banks) > 0)
	if done.changes.Empty() && len(done.placed) == 0 {
		fmt.Fprintln(stdout, "There was nothing to apply.")
		return nil
	}
	fmt.Fprintf(stdout, "Applied; recorded in %s.\n", filepath.Join(o.data, schoolLedger))
	return nil
}

// shownLog shows how far a long command is.
type shownLog struct {
	register.Log
	bar  *progress
	done uint64
}

func (l *shownLog) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	receipts, err := l.Log.Append(ctx, entries...)
	l.done += uint64(len(receipts))
	l.bar.count("import", l.done)
	return receipts, err
}
