// Package generate makes people from a fixed seed, the same bytes every time: those
// of Elmfield Academy, a fictional secondary school of 900 pupils, with its
// cabinets, and those of two primary schools. Nobody of them exists. Telephone numbers are from the range that
// Ofcom keeps for drama, mail addresses end in example.org.
package generate

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
)

// school is what files say of the school itself.
type school struct {
	id, name, trust string
	system          string // that the export is from
	grades          string
	subjects        []subject
}

var elmfield = school{"elmfield", "Elmfield Academy", "Three Elms Learning Trust", "Elmfield, a fictional school", "07,08,09,10,11", subjects}

const seed = 2026

// Elmfield gives the files of the school's folder by name, but for school.yaml,
// which is written by hand.
func Elmfield() map[string][]byte {
	random := rand.New(rand.NewPCG(seed, 1))
	pupils := makePupils(random)
	staff := makeStaff(random)
	classes := makeClasses(pupils, staff)
	files := elmfield.export(pupils, staff, classes)
	files["contacts.csv"] = contacts(random, pupils)
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
