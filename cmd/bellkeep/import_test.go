package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/hardware/kerong"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/testdata/schools"
)

// elmfield writes Elmfield's files to a folder, and gives the arguments that
// import it from there into another.
func elmfield(t *testing.T) (dir, data string, args []string) {
	t.Helper()
	files, err := fs.Sub(schools.Files, "elmfield")
	if err != nil {
		t.Fatal(err)
	}
	dir, data = filepath.Join(t.TempDir(), "school"), filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	return dir, data, []string{"import", "oneroster", "--data", data, "--from", filepath.Join(dir, "oneroster"),
		"--contacts", filepath.Join(dir, "contacts.csv"), "--school", dir}
}

// mustRun runs the program and returns all it prints.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := bellkeep(t, args...)
	if code != 0 {
		t.Fatalf("%q: exit code %d\n%s\n%s", args, code, stdout, stderr)
	}
	return stdout + stderr
}

func mustSay(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing from:\n%s", want, text)
		}
	}
}

func TestImportElmfield(t *testing.T) {
	t.Parallel()
	_, data, args := elmfield(t)
	mustSay(t, mustRun(t, args...), "New: 970\n", "Contacts new: of 900 pupils", "Doors: 900 given out", "This is a preview; nothing was changed.", "--apply")
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Fatalf("the preview made the data folder: %v", err)
	}
	mustSay(t, mustRun(t, append(args, "--apply", "--by", "s-office")...), "New: 970\n", "Doors: 900 given out", "Applied")
	mustSay(t, mustRun(t, append(args, "--apply")...), "New: 0\n", "Unchanged: 970\n", "There was nothing to apply.")
	mustSay(t, mustRun(t, "ledger", "verify", "--data", filepath.Join(data, schoolLedger), "--vault", filepath.Join(data, vaultFile)),
		"sound", "1870 commitments open, 0 were erased, 0 do not match")

	book, err := readRegister(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	banks := map[string]string{}
	for _, p := range book.People() {
		switch {
		case p.Kind == register.Staff && p.Bank == "":
		case p.Door == 0:
			t.Errorf("%s has no door", p.MIS)
		case banks[p.Form] != "" && banks[p.Form] != p.Bank:
			t.Errorf("form %s is at banks %s and %s", p.Form, banks[p.Form], p.Bank)
		default:
			banks[p.Form] = p.Bank
		}
	}
	if len(banks) != 30 {
		t.Errorf("%d forms have places", len(banks))
	}
}

// Passwords go nowhere; names go no further than the vault and the terminal.
func TestImportLeaksNothing(t *testing.T) {
	t.Parallel()
	dir, data, args := elmfield(t)
	printed := mustRun(t, append(args, "--apply", "--all")...)
	printed += mustRun(t, append(args, "--all")...)
	users := filepath.Join(dir, "oneroster", "users.csv")
	replaceIn(t, users, "A026002,", "A026001,")
	code, stdout, stderr := bellkeep(t, args...)
	if code != 1 || !strings.Contains(stderr, "users.csv:73: sourcedId A026001 stands on line 72 already") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	all := []byte(printed + stdout + stderr)
	var ledgers, kept []byte
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all = append(all, content...)
		if d.Name() == vaultFile {
			kept = append(kept, content...)
		} else {
			ledgers = append(ledgers, content...)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(all, []byte("elmfield-password-")) {
		t.Error("a password is in the data folder, the output or an error")
	}
	for _, name := range familyNames(t) {
		if bytes.Contains(ledgers, []byte(name)) || !bytes.Contains(kept, []byte(name)) {
			t.Errorf("the name %s is in the ledger, or not in the vault", name)
		}
	}
}

// familyNames are those long enough not to stand in a ledger by chance.
func familyNames(t *testing.T) []string {
	t.Helper()
	text, err := schools.Files.ReadFile("elmfield/oneroster/users.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(rows[0], "familyName")
	var names []string
	for _, row := range rows[1:] {
		if len(row[column]) > 5 {
			names = append(names, row[column])
		}
	}
	return names
}

// oneYear is elmfield cut down to the last 100 pupils and their enrolments,
// without contacts.
func oneYear(t *testing.T) (users, data string, args []string) {
	t.Helper()
	dir, data, _ := elmfield(t)
	from := filepath.Join(dir, "oneroster")
	users = filepath.Join(from, "users.csv")
	keepLines(t, users, 1, 100)
	keepLines(t, filepath.Join(from, "enrollments.csv"), 1, 1500)
	return users, data, []string{"import", "oneroster", "--data", data, "--from", from, "--school", dir}
}

// keepLines cuts a file down to its first and its last lines.
func keepLines(t *testing.T, file string, first, last int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(string(text)))
	kept := strings.Join(append(lines[:first:first], lines[len(lines)-last:]...), "")
	if err := os.WriteFile(file, []byte(kept), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestImportRefusesMassLeavers(t *testing.T) {
	users, data, args := oneYear(t)
	mustRun(t, append(args, "--apply")...)
	keepLines(t, users, 1, 94)
	const refused = "6 of 100 pupils would leave: more than 5 %"
	mustSay(t, mustRun(t, append(args, "--doors-empty")...), "Leaving: 6\n", "6 of leavers taken back", "It would be refused: "+refused, "--leavers 6")
	code, _, stderr := bellkeep(t, append(args, "--apply", "--leavers", "5")...)
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	mustSay(t, stderr, refused, "Next step: ", "--leavers 6")
	mustSay(t, mustRun(t, append(args, "--apply", "--leavers", "6")...), "Leaving: 6\n", "0 of leavers taken back", "Applied")
	mustSay(t, mustRun(t, append(args, "--apply", "--doors-empty")...), "0 given out, 6 of leavers taken back")
	book, err := readRegister(t.Context(), data)
	if err != nil || len(book.Leavers()) != 6 || len(book.Places()) != 94 {
		t.Errorf("%d leavers, %d places, %v", len(book.Leavers()), len(book.Places()), err)
	}
}

// A school whose rules let more leave is not asked: the rules lie on the ledger
// that the register does.
func TestImportGoesByTheRules(t *testing.T) {
	users, data, args := oneYear(t)
	mustRun(t, append(args, "--apply")...)
	r, err := openRegister(t.Context(), data, newProgress(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	loose := policy.Default()
	loose.LeaversPercent = 6
	book := rules.New(r.log, r.vault, func() ledger.Stamp { return ledger.Stamp{Wall: time.Now()} })
	err = book.Begin(t.Context(), rules.File{From: school.Date{Year: 2020, Month: 9, Day: 1}, Rules: loose, Policy: "Any"}, time.UTC)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	keepLines(t, users, 1, 94)
	mustSay(t, mustRun(t, args...), "Leaving: 6\n", "To apply it, run the same command")
	mustSay(t, mustRun(t, append(args, "--apply")...), "Leaving: 6\n", "Applied")
}

func TestImportBesideARunningServer(t *testing.T) {
	_, data, args := oneYear(t)
	mustRun(t, append(args, "--apply")...)
	log, err := boltlog.Open(filepath.Join(data, schoolLedger), boltlog.Options{Writer: schoolWriter})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, more := range [][]string{nil, {"--apply"}} {
		code, _, stderr := bellkeep(t, append(args, more...)...)
		if code != 1 {
			t.Errorf("%q: exit code %d", more, code)
		}
		mustSay(t, stderr, "The school server is running on "+data, "Next step: Stop it")
	}
}

func TestImportMisuse(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no kind":        {[]string{"import"}, 2, "bellkeep import oneroster"},
		"unknown kind":   {[]string{"import", "wonde"}, 2, "bellkeep import oneroster"},
		"no data":        {[]string{"import", "oneroster", "--from", "x"}, 2, "--data FOLDER"},
		"no such export": {[]string{"import", "oneroster", "--data", t.TempDir(), "--from", "/nowhere"}, 1, "There is no /nowhere."},
		"stray word":     {[]string{"import", "oneroster", "now"}, 2, "not expected"},
	} {
		code, _, stderr := bellkeep(t, c.args...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, %s", name, code, stderr)
		}
	}
	mustSay(t, mustRun(t, "import", "--help"), "Examples:", "-leavers")
}

// Every bank has its 300 doors, on two buses wired differently.
func TestElmfieldsCabinets(t *testing.T) {
	dir, _, _ := elmfield(t)
	for i, id := range []string{"a", "b", "c"} {
		c, err := cabinet.Load(filepath.Join(dir, "bank-"+id+".yaml"), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		doors := c.Setup.Doors
		if c.Setup.Bank != id || len(doors) != 300 || doors[0] != 300*i+1 || doors[299] != 300*i+300 || len(c.Buses) != 2 {
			t.Errorf("bank %s: %d doors from %d to %d", c.Setup.Bank, len(doors), doors[0], doors[len(doors)-1])
		}
		if l, r := c.Buses[0].Boards.(kerong.Config), c.Buses[1].Boards.(kerong.Config); l.Polarity == r.Polarity || l.ByteOrder == r.ByteOrder || l.Boards != 10 || r.Boards != 10 {
			t.Errorf("bank %s: buses %+v and %+v", id, l, r)
		}
	}
}
