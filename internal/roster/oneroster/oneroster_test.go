package oneroster

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster/sheet"
	"github.com/bellkeep/bellkeep/internal/school"
)

var today = school.Date{Year: 2026, Month: 11, Day: 23}

// small is a school of two pupils and a teacher.
func small() map[string]string {
	return map[string]string{
		"manifest.csv": "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\nfile.classes,bulk\nfile.enrollments,bulk\nfile.results,absent\n",
		"orgs.csv":     strings.Join(orgColumns, ",") + "\nelm,,,Elm,school,,\n",
		"users.csv": strings.Join(userColumns, ",") + "\n" +
			"A1,,,true,elm,student,a1,,Zoë,O'Hara,,,zoe@elm.example,,,,07,hush\n" +
			"A2,,,true,elm,student,a2,,Ben,\"Ng, Jr\",,,,,,,Year 8,hush\n" +
			"T1,,,true,elm,teacher,t1,,Ada,Byron,,,ada@elm.example,,,,,hush\n",
		"classes.csv": strings.Join(classColumns, ",") + "\n" +
			"7a,,,7A,07,,7A,homeroom,,elm,,,,\n8b,,,8B,08,,8B,homeroom,,elm,,,,\n7a-en,,,7A English,07,,7A/En,scheduled,,elm,,,,\"A-Mon-1,B-Fri-6\"\n",
		"enrollments.csv": strings.Join(enrolmentColumn, ",") + "\n" +
			"e1,,,7a,elm,A1,student,,,\ne2,,,8b,elm,A2,student,,,\ne3,,,7a-en,elm,A1,student,,,\ne4,,,7a-en,elm,T1,teacher,true,,\ne5,,,7a,elm,T1,teacher,true,,\n",
	}
}

func files(texts map[string]string) fs.FS {
	m := fstest.MapFS{}
	for name, text := range texts {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestRoll(t *testing.T) {
	set, err := Read(files(small()))
	if err != nil {
		t.Fatal(err)
	}
	roll := set.Roll(today)
	want := []register.Entry{
		{Kind: register.Pupil, Details: register.Details{MIS: "A1", Given: "Zoë", Family: "O'Hara", Form: "7A", Year: "7", Groups: []string{"7A/En"}}},
		{Kind: register.Pupil, Details: register.Details{MIS: "A2", Given: "Ben", Family: "Ng, Jr", Form: "8B", Year: "8"}},
		{Kind: register.Staff, Details: register.Details{MIS: "T1", Given: "Ada", Family: "Byron", Groups: []string{"7A/En", "7A"}, Email: "ada@elm.example"}},
	}
	same := slices.EqualFunc(roll.People, want, func(a, b register.Entry) bool {
		return a.Kind == b.Kind && a.Name() == b.Name() && a.MIS == b.MIS && a.Form == b.Form && a.Year == b.Year && a.Email == b.Email && slices.Equal(a.Groups, b.Groups)
	})
	if !same || len(roll.Notes) != 0 || roll.Contacts != nil {
		t.Errorf("roll: %+v", roll)
	}
	if !slices.Equal(set.Classes[2].Periods, []string{"A-Mon-1", "B-Fri-6"}) {
		t.Errorf("periods: %q", set.Classes[2].Periods)
	}
}

// Each case changes one thing; the fault must be named with its file and line.
func TestReadNamesTheFault(t *testing.T) {
	cases := []struct{ name, file, old, new, want string }{
		{"1.2", "manifest.csv", "oneroster.version,1.1", "oneroster.version,1.2", "manifest.csv:3: the export is OneRoster 1.2; choose 1.1"},
		{"version nobody knows", "manifest.csv", "oneroster.version,1.1", "oneroster.version,7", "manifest.csv:3: oneroster.version must be 1.1"},
		{"no version", "manifest.csv", "oneroster.version,1.1\n", "", "manifest.csv: oneroster.version must be 1.1"},
		{"another manifest", "manifest.csv", "manifest.version,1.0", "manifest.version,2.0", "manifest.csv:2: manifest.version must be 1.0"},
		{"property twice", "manifest.csv", "file.orgs,bulk\n", "file.orgs,bulk\nfile.orgs,bulk\n", "manifest.csv:5: this property stands on line 4"},
		{"delta", "manifest.csv", "file.users,bulk", "file.users,delta", "manifest.csv:5: file.users is delta"},
		{"absent", "manifest.csv", "file.classes,bulk", "file.classes,absent", "manifest.csv:6: file.classes must be bulk"},
		{"file missing", "users.csv", "", "", "users.csv: the file is missing"},
		{"heading in other letters", "users.csv", "sourcedId", "SourcedId", "users.csv:1: the first line must be: sourcedId,"},
		{"password column missing", "users.csv", ",password", "", "users.csv:1: the first line must be"},
		{"id twice", "users.csv", "A2,", "A1,", "users.csv:3: sourcedId A1 stands on line 2 already"},
		{"id missing", "users.csv", "A2,", ",", "users.csv:3: sourcedId is missing"},
		{"id too long", "users.csv", "A2,", strings.Repeat("A", maxID+1) + ",", "users.csv:3: sourcedId is longer"},
		{"no name", "users.csv", "Zoë,O'Hara", ",", "users.csv:2: A1 has no name"},
		{"long name", "users.csv", "Zoë", strings.Repeat("Zoë", 100), "users.csv:2: A1 has a name longer"},
		{"role nobody knows", "users.csv", "student,a1", "caretaker,a1", "users.csv:2: A1 has a role"},
		{"class id twice", "classes.csv", "8b,,,", "7a,,,", "classes.csv:3: sourcedId 7a stands on line 2"},
		{"class without title", "classes.csv", "7A,07,,7A", ",07,,7A", "classes.csv:2: class 7a needs a title"},
		{"kind of class", "classes.csv", "homeroom", "tutor", "classes.csv:2: class 7a has a classType"},
		{"enrolment of nobody", "enrollments.csv", "elm,A1", "elm,", "enrollments.csv:2: enrolment e1 names no class or no user"},
		{"enrolment id twice", "enrollments.csv", "e2,", "e1,", "enrollments.csv:3: sourcedId e1 stands on line 2"},
		{"date", "enrollments.csv", "A1,student,,,", "A1,student,,4/2/2026,", "enrollments.csv:2: a date is not one like 2026-09-01"},
		{"two schools", "orgs.csv", "elm,,,Elm,school,,\n", "elm,,,Elm,school,,\noak,,,Oak,school,,\n", "orgs.csv: 2 schools are listed"},
		{"no lines", "orgs.csv", "elm,,,Elm,school,,\n", "", "orgs.csv: there is a heading but no line"},
	}
	for _, c := range cases {
		texts := small()
		if !strings.Contains(texts[c.file], c.old) {
			t.Fatalf("%s: %s has no %q", c.name, c.file, c.old)
		}
		texts[c.file] = strings.Replace(texts[c.file], c.old, c.new, 1)
		if c.old == "" {
			delete(texts, c.file)
		}
		_, err := Read(files(texts))
		if errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error repeats a password: %v", c.name, err)
		}
	}
}

func TestReadNamesAllFaults(t *testing.T) {
	texts := small()
	texts["users.csv"] = strings.Replace(texts["users.csv"], "A2,", ",", 1)
	delete(texts, "classes.csv")
	_, err := Read(files(texts))
	for _, want := range []string{"2 faults", "users.csv:3: sourcedId is missing", "classes.csv: the file is missing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("err = %v, want %q", err, want)
		}
	}
}

// What a school would want to look at is a note; it stops nothing.
func TestNotes(t *testing.T) {
	cases := []struct {
		name, file, old, new, want string
		people                     int
	}{
		{"leaver", "users.csv", "A2,,", "A2,tobedeleted,", "marked tobedeleted, so proposed as leavers: 1 (A2)", 2},
		{"no form", "enrollments.csv", "e2,,,8b,elm,A2,student,,,\n", "", "pupils in no form: 1 (A2)", 3},
		{"form has ended", "enrollments.csv", "8b,elm,A2,student,,,", "8b,elm,A2,student,,,2026-11-23", "pupils in no form: 1 (A2)", 3},
		{"form has not begun", "enrollments.csv", "8b,elm,A2,student,,,", "8b,elm,A2,student,,2026-11-24,", "pupils in no form: 1 (A2)", 3},
		{"two forms", "enrollments.csv", "7a-en,elm,A1", "8b,elm,A1", "pupils in more than one form; the first was taken: 1 (A1)", 3},
		{"no year", "users.csv", ",Year 8,", ",\"07,08\",", "pupils without one year in grades: 1 (A2)", 3},
		{"unknown org", "users.csv", "A1,,,true,elm", "A1,,,true,oak", "people who belong to an org that orgs.csv does not list: 1 (A1)", 3},
		{"class of unknown org", "classes.csv", "8B,homeroom,,elm", "8B,homeroom,,oak", "classes of an org that orgs.csv does not list: 1 (8b)", 3},
		{"unknown class", "enrollments.csv", "7a-en,elm,A1", "9z,elm,A1", "classes that are enrolled in but not in classes.csv: 1 (9z)", 3},
		{"unknown user", "enrollments.csv", "7a-en,elm,A1", "7a-en,elm,A9", "people who are enrolled but not in users.csv: 1 (A9)", 3},
		{"not enabled", "users.csv", "A1,,,true", "A1,,,false", "marked not enabled; they stay on the roll: 1 (A1)", 3},
		{"relative", "users.csv", "student,a2", "parent,a2", "relatives and other accounts, passed over: 1 (A2)", 2},
	}
	for _, c := range cases {
		texts := small()
		if !strings.Contains(texts[c.file], c.old) {
			t.Fatalf("%s: %s has no %q", c.name, c.file, c.old)
		}
		texts[c.file] = strings.Replace(texts[c.file], c.old, c.new, 1)
		set, err := Read(files(texts))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		roll := set.Roll(today)
		if !slices.Contains(roll.Notes, c.want) || len(roll.People) != c.people {
			t.Errorf("%s: %d people, notes %q, want %q", c.name, len(roll.People), roll.Notes, c.want)
		}
	}
}

func TestYear(t *testing.T) {
	for grade, want := range map[string]string{"07": "7", "7": "7", "Year 10": "10", "y9": "9", "Yr 8": "8", "R": "R", "N2": "N2", "KG": "", "15": "", "0": "", "-1": "", "": ""} {
		if got := year(grade); got != want {
			t.Errorf("year(%q) = %q, want %q", grade, got, want)
		}
	}
}

func pack(t testing.TB, texts map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for name, text := range texts {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestLoadFolderAndZIP(t *testing.T) {
	dir := t.TempDir()
	for name, text := range small() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("\ufeff"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	archive := filepath.Join(t.TempDir(), "export.zip")
	if err := os.WriteFile(archive, pack(t, small()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, archive} {
		if set, err := Load(path); err != nil || len(set.Users) != 3 {
			t.Errorf("%s: %d users, %v", filepath.Base(path), len(set.Users), err)
		}
	}
	if _, err := Load(filepath.Join(dir, "none")); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("a path that is not there: %v", err)
	}
}

func TestBadZIPs(t *testing.T) {
	folder, many, lies := small(), small(), small()
	folder["export/users.csv"] = "x"
	for i := range maxFiles {
		many[strings.Repeat("x", i+1)] = "x"
	}
	lies["manifest.csv"] += strings.Repeat("\n", 1<<20)
	whole := pack(t, small())
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"not a ZIP":      {[]byte("sourcedId"), "not a ZIP file"},
		"cut short":      {whole[:len(whole)-30], "not a ZIP file"},
		"a folder":       {pack(t, folder), "holds a folder"},
		"too many files": {pack(t, many), "more than 64"},
		"a bomb":         {claiming(t, whole, sheet.MaxBytes+1), "larger than"},
		"a lying bomb":   {claiming(t, pack(t, lies), 100), "manifest.csv: the file cannot be read"},
	} {
		err := loadZIP(c.data)
		if errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func loadZIP(data []byte) error {
	files, err := openZIP(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	_, err = Read(files)
	return err
}

// claiming is a ZIP whose directory says that every file unpacks to size bytes.
func claiming(t *testing.T, data []byte, size uint32) []byte {
	t.Helper()
	const entry, sizeAt = "PK\x01\x02", 24
	data = bytes.Clone(data)
	for at := 0; ; at += len(entry) {
		i := bytes.Index(data[at:], []byte(entry))
		if i < 0 {
			return data
		}
		at += i
		binary.LittleEndian.PutUint32(data[at+sizeAt:], size)
	}
}
