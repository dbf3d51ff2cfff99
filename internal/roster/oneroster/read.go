package oneroster

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/roster/sheet"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Set is an export, read and checked.
type Set struct {
	Orgs       []Org
	Users      []User
	Classes    []Class
	Enrolments []Enrolment
}

// Org is a line of orgs.csv.
type Org struct {
	ID   string
	Type string // school, district, local, ...
	Name string
}

// User is a line of users.csv, without what nobody needs to know.
type User struct {
	ID            string
	Deleted       bool // status tobedeleted: the sender has let go of the person
	Enabled       bool
	Orgs          []string
	Role          string
	Given, Family string
	Grades        []string
	Email         string // of staff; nobody needs to know a pupil's
}

// Class is a line of classes.csv: a form (homeroom) or a teaching group.
type Class struct {
	ID      string
	Title   string
	Code    string
	Form    bool
	School  string
	Periods []string // when it meets, in the sender's words, like A-Mon-1
}

// Enrolment is a line of enrollments.csv.
type Enrolment struct {
	Class, User string
	Role        string
	From, Until school.Date // zero: open; Until itself is not part of it
}

// The headings of the standard.
var (
	start           = []string{"sourcedId", "status", "dateLastModified"}
	orgColumns      = append(slices.Clip(start), "name", "type", "identifier", "parentSourcedId")
	userColumns     = append(slices.Clip(start), "enabledUser", "orgSourcedIds", "role", "username", "userIds", "givenName", "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password")
	classColumns    = append(slices.Clip(start), "title", "grades", "courseSourcedId", "classCode", "classType", "location", "schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods")
	enrolmentColumn = append(slices.Clip(start), "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate")
)

// Read reads an export's files. All their faults come back in one error.
// Errors: invalid.
func Read(files fs.FS) (Set, error) {
	var faults config.Faults
	r := reader{files: files, faults: &faults}
	if r.manifest(); len(faults.List()) == 0 {
		r.orgs()
		r.users()
		r.classes()
		r.enrolments()
	}
	return r.set, sheet.Err(&faults, "The OneRoster export cannot be taken",
		"Correct the export in the school's information system, and export it again.")
}

type reader struct {
	files  fs.FS
	faults *config.Faults
	set    Set
}

func (r *reader) fault(file string, line int, format string, args ...any) {
	r.faults.Add(file, line, format, args...)
}

func (r *reader) sheet(name string, pick sheet.Pick, row func(line int, cells []string)) {
	f, err := r.files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		r.fault(name, 0, "the file is missing")
		return
	}
	if err != nil {
		r.fault(name, 0, "the file cannot be opened: %v", err)
		return
	}
	defer f.Close()
	sheet.Read(name, f, pick, r.faults, row)
}

// rows reads a file whose lines have an id, which must be there and stand once.
func (r *reader) rows(name string, columns []string, row func(line int, id string, cells []string), wanted ...string) {
	lineOf := map[string]int{}
	wanted = append([]string{"sourcedId"}, wanted...)
	r.sheet(name, sheet.Exactly(columns, wanted...), func(line int, cells []string) {
		id := cells[0]
		switch first := lineOf[id]; {
		case id == "":
			r.fault(name, line, "sourcedId is missing")
		case len(id) > maxID:
			r.fault(name, line, "sourcedId is longer than %d bytes", maxID)
		case first != 0:
			r.fault(name, line, "sourcedId %s stands on line %d already", id, first)
		default:
			lineOf[id] = line
			row(line, id, cells[1:])
		}
	})
}

// The limits of what is kept, in bytes. maxID is the standard's.
const (
	maxID    = 255
	maxName  = 200
	maxTitle = 100
)

func (r *reader) orgs() {
	r.rows("orgs.csv", orgColumns, func(_ int, id string, cells []string) {
		r.set.Orgs = append(r.set.Orgs, Org{ID: id, Name: cells[0], Type: cells[1]})
	}, "name", "type")
	schools := 0
	for _, o := range r.set.Orgs {
		if o.Type == "school" {
			schools++
		}
	}
	if schools > 1 {
		r.fault("orgs.csv", 0, "%d schools are listed; export one school", schools)
	}
}

func (r *reader) users() {
	const file = "users.csv"
	r.rows(file, userColumns, func(line int, id string, cells []string) {
		u := User{ID: id, Deleted: cells[0] == "tobedeleted", Enabled: cells[1] != "false",
			Orgs: list(cells[2]), Role: cells[3], Given: cells[4], Family: cells[5], Grades: list(cells[6])}
		if u.Role != "student" {
			u.Email = cells[7]
		}
		switch {
		case u.Given == "" && u.Family == "":
			r.fault(file, line, "%s has no name", id)
		case len(u.Given) > maxName || len(u.Family) > maxName:
			r.fault(file, line, "%s has a name longer than %d bytes", id, maxName)
		case len(u.Email) > maxName:
			r.fault(file, line, "%s has an e-mail address longer than %d bytes", id, maxName)
		case !slices.Contains(roles, u.Role):
			r.fault(file, line, "%s has a role that OneRoster 1.1 does not know", id)
		}
		r.set.Users = append(r.set.Users, u)
	}, "status", "enabledUser", "orgSourcedIds", "role", "givenName", "familyName", "grades", "email")
}

func (r *reader) classes() {
	const file = "classes.csv"
	r.rows(file, classColumns, func(line int, id string, cells []string) {
		c := Class{ID: id, Title: cells[1], Code: cells[2], Form: cells[3] == homeroom, School: cells[4], Periods: list(cells[5])}
		switch {
		case cells[0] == "tobedeleted":
			return
		case c.Title == "" || len(c.Title) > maxTitle || len(c.Code) > maxTitle:
			r.fault(file, line, "class %s needs a title, and title and code of at most %d bytes", id, maxTitle)
		case cells[3] != homeroom && cells[3] != "scheduled":
			r.fault(file, line, "class %s has a classType that is neither homeroom nor scheduled", id)
		}
		r.set.Classes = append(r.set.Classes, c)
	}, "status", "title", "classCode", "classType", "schoolSourcedId", "periods")
}

func (r *reader) enrolments() {
	const file = "enrollments.csv"
	r.rows(file, enrolmentColumn, func(line int, id string, cells []string) {
		if cells[0] == "tobedeleted" {
			return
		}
		e := Enrolment{Class: cells[1], User: cells[2], Role: cells[3]}
		if e.Class == "" || e.User == "" {
			r.fault(file, line, "enrolment %s names no class or no user", id)
		}
		e.From, e.Until = r.date(file, line, cells[4]), r.date(file, line, cells[5])
		r.set.Enrolments = append(r.set.Enrolments, e)
	}, "status", "classSourcedId", "userSourcedId", "role", "beginDate", "endDate")
}

func (r *reader) date(file string, line int, text string) school.Date {
	if text == "" {
		return school.Date{}
	}
	d, err := school.ParseDate(text)
	if err != nil {
		r.fault(file, line, "a date is not one like 2026-09-01")
	}
	return d
}

const homeroom = "homeroom"

// roles are those of OneRoster 1.1.
var roles = []string{"administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"}

// list takes a cell of several values apart.
func list(cell string) []string {
	var values []string
	for v := range strings.SplitSeq(cell, ",") {
		if v = strings.TrimSpace(v); v != "" {
			values = append(values, v)
		}
	}
	return values
}
