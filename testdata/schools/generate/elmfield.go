// Package generate makes the people and cabinets of Elmfield Academy, a
// fictional secondary school of 900 pupils, from a fixed seed: the same bytes
// every time. Nobody in it exists. Telephone numbers are from the range that
// Ofcom keeps for drama, mail addresses end in example.org.
package generate

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
)

const (
	seed  = 2026
	orgID = "elmfield"
	// dummyPassword is what stands in the password column, with a number
	// behind it, for tests to look for where it must not be.
	dummyPassword = "elmfield-password-"
)

// Elmfield gives the files of the school's folder by name, but for school.yaml,
// which is written by hand.
func Elmfield() map[string][]byte {
	random := rand.New(rand.NewPCG(seed, 1))
	pupils := makePupils(random)
	staff := makeStaff(random)
	classes := makeClasses(pupils, staff)
	files := map[string][]byte{
		"oneroster/manifest.csv":         manifest(),
		"oneroster/orgs.csv":             orgs(),
		"oneroster/academicSessions.csv": sessions(),
		"oneroster/courses.csv":          courses(),
		"oneroster/classes.csv":          classTable(classes),
		"oneroster/users.csv":            users(pupils, staff),
		"oneroster/enrollments.csv":      enrolments(classes),
		"contacts.csv":                   contacts(random, pupils),
	}
	for _, b := range banks {
		files["bank-"+b.id+".yaml"] = b.file()
	}
	for _, o := range offices {
		files["bank-"+o.id+".yaml"] = o.file()
	}
	return files
}

// table writes CSV, RFC 4180 but for the line ends, which are Unix ones.
type table struct {
	text bytes.Buffer
	rows *csv.Writer
}

func newTable(heading ...string) *table {
	t := &table{}
	t.rows = csv.NewWriter(&t.text)
	t.add(heading...)
	return t
}

func (t *table) add(cells ...string) { _ = t.rows.Write(cells) } // a buffer takes everything

func (t *table) bytes() []byte {
	t.rows.Flush()
	return t.text.Bytes()
}
