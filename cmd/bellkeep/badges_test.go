package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// schoolData is a server's data folder with four people on its roll.
func schoolData(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "school-ledger")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: time.Now()} }
	log, err := boltlog.Open(folder, boltlog.Options{Writer: "school", Stamp: stamp})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	kept, err := vault.Open(filepath.Join(dir, "vault"))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	entry := func(id, given, family, form string) register.Entry {
		return register.Entry{ID: id, Kind: register.Pupil, Details: register.Details{MIS: "m-" + id, Given: given, Family: family, Form: form, Year: "7"}}
	}
	people := register.New(log, kept, stamp)
	changes := register.Diff(people.State(), register.Roll{People: []register.Entry{
		entry("p-ann", "Ann", "Oakhurst", "7A"), entry("p-bob", "Bob", "Elmwood", "7A"),
		entry("p-cay", "محمد", "Ashgrove", "7B"), entry("p-dee", "Dee", "Birchall", "7B"),
	}})
	if err := people.Apply(t.Context(), "s-1", changes, register.Stated{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestBadgesFromPrintingToRevoking walks the commands as an office would.
func TestBadgesFromPrintingToRevoking(t *testing.T) {
	data := schoolData(t)
	pdf := func(name string) string { return filepath.Join(data, name+".pdf") }
	steps := []struct {
		args []string
		want []string
	}{
		{[]string{"list", "--without"}, []string{"p-ann", "p-bob", "p-cay", "p-dee", "7B"}},
		{[]string{"issue", "--form", "7A", "--out", pdf("7a"), "--title", "Elmfield", "--name"}, []string{"Wrote 2 badges on 1 page", "delete it"}},
		{[]string{"issue", "--all", "--out", pdf("rest"), "--layout", "single", "--name"}, []string{"2 badges on 2 pages", "initials only", "No. 3."}},
		{[]string{"replace", "--person", "p-ann", "--why", "lost", "--out", pdf("ann")}, []string{"1 badge on 1 page"}},
		{[]string{"spares", "--count", "3", "--out", pdf("spares")}, []string{"3 badges"}},
		{[]string{"revoke", "--serial", "6", "--why", "damaged"}, []string{"Badge 6 is revoked"}},
		{[]string{"revoke", "--person", "p-bob", "--why", "leaver"}, []string{"Badge 1 is revoked"}},
		{[]string{"list"}, []string{"3 live, 2 spares, 3 revoked.", "lost", "damaged", "leaver"}},
		{[]string{"list", "--person", "p-ann"}, []string{"1 live, 0 spares, 1 revoked."}},
		{[]string{"list", "--form", "7B"}, []string{"2 live, 0 spares, 0 revoked."}},
		{[]string{"list", "--spares"}, []string{"0 live, 2 spares, 0 revoked."}},
		{[]string{"list", "--without", "--form", "7A"}, []string{"p-bob"}},
	}
	for _, s := range steps {
		args := append([]string{"badges", s.args[0], "--data", data}, s.args[1:]...)
		code, stdout, stderr := bellkeep(t, args...)
		if code != 0 {
			t.Fatalf("%v: exit code %d\n%s%s", s.args, code, stdout, stderr)
		}
		for _, want := range s.want {
			if !strings.Contains(stdout, want) {
				t.Errorf("%v: %q is missing from:\n%s", s.args, want, stdout)
			}
		}
	}
	checkPrint(t, pdf("7a"), []string{"Ann", "Bob", "7A", "Elmfield"}, []string{"Oakhurst", "Elmwood", "p-ann", "m-p-ann"})
	checkPrint(t, pdf("ann"), []string{"No. 5"}, []string{"Ann", "7A"})
}

// checkPrint looks at a file's mode and at what is written in it.
func checkPrint(t *testing.T, pdf string, there, absent []string) {
	t.Helper()
	info, err := os.Stat(pdf)
	if err != nil || info.Mode() != 0o600 {
		t.Fatalf("the file is %v, %v", info, err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", pdf, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext: %v (sudo apt-get install poppler-utils)", err)
	}
	for _, want := range there {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("%q is missing from %s", want, out)
		}
	}
	for _, secret := range absent {
		if bytes.Contains(out, []byte(secret)) {
			t.Errorf("%q stands in %s", secret, out)
		}
	}
}

func TestBadgesRefuse(t *testing.T) {
	data := schoolData(t)
	taken := filepath.Join(data, "taken.pdf")
	if err := os.WriteFile(taken, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	free := filepath.Join(data, "free.pdf")
	cases := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no such command", []string{"reprint"}, 2, "badges --help"},
		{"no data", []string{"issue", "--all", "--out", free}, 2, "--data"},
		{"data that is none", []string{"list", "--data", t.TempDir()}, 1, "Next step: Check --data"},
		{"for nobody", []string{"issue", "--data", data, "--out", free}, 2, "--person"},
		{"for two kinds", []string{"issue", "--data", data, "--all", "--form", "7A", "--out", free}, 2, "--person"},
		{"nowhere to write", []string{"issue", "--data", data, "--all"}, 2, "--out"},
		{"layout", []string{"issue", "--data", data, "--all", "--out", free, "--layout", "a5"}, 2, "single"},
		{"file that exists", []string{"issue", "--data", data, "--all", "--out", taken}, 1, "does not exist"},
		{"folder that does not", []string{"issue", "--data", data, "--all", "--out", filepath.Join(data, "x", "y.pdf")}, 1, "no badge was issued"},
		{"stranger", []string{"issue", "--data", data, "--person", "p-zoe", "--out", free}, 1, "Nobody on the roll"},
		{"empty form", []string{"issue", "--data", data, "--form", "13Z", "--out", free}, 1, "nobody without a badge"},
		{"by a name", []string{"issue", "--data", data, "--all", "--by", "Mrs Oak", "--out", free}, 1, "staff id"},
		{"nothing to replace", []string{"replace", "--data", data, "--person", "p-ann", "--why", "lost", "--out", free}, 1, "has no badge"},
		{"too many spares", []string{"spares", "--data", data, "--count", "2001", "--out", free}, 2, "2000"},
		{"revoke what", []string{"revoke", "--data", data, "--why", "lost"}, 2, "--serial"},
		{"revoke what is not there", []string{"revoke", "--data", data, "--serial", "9", "--why", "lost"}, 1, "serial number"},
		{"assign to whom", []string{"assign", "--data", data}, 2, "--person"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := bellkeep(t, append([]string{"badges"}, c.args...)...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, %q is missing from:\n%s%s", code, c.want, stdout, stderr)
			}
		})
	}
	if text, _ := os.ReadFile(taken); string(text) != "theirs" {
		t.Error("a file was overwritten")
	}
	if _, err := os.Stat(free); err == nil {
		t.Error("a failed command left a file behind")
	}
	if _, stdout, _ := bellkeep(t, "badges", "list", "--data", data); !strings.Contains(stdout, "0 live, 0 spares, 0 revoked.") {
		t.Errorf("a refused command issued a badge:\n%s", stdout)
	}
}

// A spare is given out by scanning it; nothing that is printed shows its token.
func TestAssignReadsTheScanner(t *testing.T) {
	data := schoolData(t)
	var said bytes.Buffer
	err := withBadges(t.Context(), data, func(o *badgeOffice) error {
		spares, err := o.book.Spares(t.Context(), "s-1", 2)
		if err != nil {
			return err
		}
		first, second := spares[0].Token.Badge(), spares[1].Token.Badge()
		assign := func(why badges.Why, in io.Reader) error { return o.assign(t.Context(), "s-1", "p-ann", why, in, &said) }
		for _, wrong := range []string{"", "\n", first[:20] + "\n", strings.Repeat(first, 50) + "\n"} {
			if err := assign("", strings.NewReader(wrong)); err == nil {
				t.Errorf("%q was taken for a badge", wrong)
			}
		}
		if err := assign("", strings.NewReader(strings.ToLower(first)+"\r\n")); err != nil {
			t.Error(err)
		}
		if err := assign(badges.Lost, strings.NewReader(second)); err != nil {
			t.Error(err)
		}
		if err := o.list(&said, badgeFilter{}); err != nil {
			t.Error(err)
		}
		for _, s := range spares {
			for _, secret := range []string{s.Token.Badge(), s.Token.Badge()[3:29], s.Code.Text()} {
				if strings.Contains(said.String(), secret) {
					t.Errorf("%v is shown in:\n%s", s, said.String())
				}
			}
		}
		return nil
	})
	if err != nil || !strings.Contains(said.String(), "Badge 2 is now the badge of p-ann") || !strings.Contains(said.String(), "1 live, 0 spares, 1 revoked.") {
		t.Errorf("%v\n%s", err, said.String())
	}
}

// Badges that are on record but could not be written are revoked, so that the
// command can be given again.
func TestBadgesThatCannotBeWrittenAreRevoked(t *testing.T) {
	data := schoolData(t)
	err := withBadges(t.Context(), data, func(o *badgeOffice) error {
		p := &paper{out: filepath.Join(data, "x.pdf"), layout: "sheet"}
		err := p.print(t.Context(), o, "s-1", io.Discard, func() ([]badges.Fresh, error) {
			fresh, err := o.book.IssueTo(t.Context(), "s-1", "p-ann", "p-bob")
			if err != nil {
				return nil, err
			}
			return fresh, io.ErrUnexpectedEOF // the ledger gave up half-way
		})
		if err == nil || len(o.without("7A")) != 2 {
			t.Errorf("%v: %d people have no badge", err, len(o.without("7A")))
		}
		for _, b := range o.book.All() {
			if b.State != badges.Revoked {
				t.Errorf("badge %d is %s", b.Serial, b.State)
			}
		}
		if _, err := os.Stat(p.out); err == nil {
			t.Error("the file is still there")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A new epoch of the ledger forgets no badge.
func TestBadgesOutliveAnEpoch(t *testing.T) {
	data := schoolData(t)
	issue := func(form string) (code int, text string) {
		code, stdout, stderr := bellkeep(t, "badges", "issue", "--data", data, "--form", form, "--out", filepath.Join(data, form+"-"+t.Name()+".pdf"))
		return code, stdout + stderr
	}
	if code, text := issue("7A"); code != 0 {
		t.Fatal(text)
	}
	if code, _, stderr := bellkeep(t, "ledger", "new-epoch", "--data", filepath.Join(data, "school-ledger"), "--by", "s-1", "--why", "a new year"); code != 0 {
		t.Fatal(stderr)
	}
	if code, text := issue("7B"); code != 0 {
		t.Fatal(text)
	}
	_, stdout, stderr := bellkeep(t, "badges", "list", "--data", data)
	if !strings.Contains(stdout, "4 live, 0 spares, 0 revoked.") {
		t.Errorf("%s%s", stdout, stderr)
	}
}
