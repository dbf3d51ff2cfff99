package scenario

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Script is one scenario as its file tells it, checked.
type Script struct {
	Name    string
	About   string
	Schools []string // whose rules it holds under
	Day     school.Date
	People  []Part
	Never   []Never
	Steps   []Step
}

// Part is somebody, or a group of pupils, that the steps speak of.
type Part struct {
	Name string
	Is   string // pupil, pupils, staff or contact
	Only []string

	Form, Year, Bank string    // of pupils; the form of a class teacher
	Count            int       // of a group
	Role             string    // of staff
	Until            time.Time // when that ends; zero for never
	Contact          Contact
}

// Contact is what the register is told of a pupil's contact.
type Contact struct {
	Of             string // the pupil's name in the script
	Relationship   string
	Responsibility bool // parental responsibility
	NoContact      bool
	Email          string
}

// Step is one line of the day: who does what, and what comes of it.
type Step struct {
	Line    int
	At      time.Time
	Who     string
	Does    string
	With    map[string]string
	Only    []string
	Expect  Expect
	Instead map[string]Expect // by school, in place of Expect
}

// Never is something that must not be so at any moment.
type Never struct {
	Line   int
	Opens  string    // a door
	Device string    // the owner's name
	Is     string    // where that device must not be
	Shows  string    // a word on a kiosk's screen
	To     string    // whom it must not be shown to, or a notice must not go to
	Notice bool      // a notice to To
	Before time.Time // zero: all day
	After  time.Time
	Only   []string
}

// Expect is what a step must come to. What is nil is not looked at.
type Expect struct {
	Records    map[string]map[string]int `yaml:"records"`
	Screen     string                    `yaml:"screen"`
	Opened     []string                  `yaml:"opened"`
	Open       []string                  `yaml:"open"`
	Place      map[string]string         `yaml:"place"`
	Refused    *Refusal                  `yaml:"refused"`
	Counts     map[string]int            `yaml:"counts"`
	Missing    *int                      `yaml:"missing"`
	MissingAre []string                  `yaml:"missing-are"`
	Exceptions map[string]string         `yaml:"exceptions"`
	Papers     map[string]string         `yaml:"papers"`
	Problems   []string                  `yaml:"problems"`
	Notices    map[string]string         `yaml:"notices"`
	InForce    []string                  `yaml:"in-force"`
	Behind     []string                  `yaml:"behind"`
}

// Refusal is that the product says no.
type Refusal struct {
	Code string `yaml:"code"` // of the error, or the bank's answer to an order
	Says string `yaml:"says"` // part of its sentence
}

// applies reports whether something for some schools only is for this one.
func applies(only []string, id string) bool {
	for _, s := range only {
		if s == id {
			return true
		}
	}
	return len(only) == 0
}

// expect is what a step must come to at a school.
func (s Step) expect(id string) Expect {
	if e, ok := s.Instead[id]; ok {
		return e
	}
	return s.Expect
}

// Limits of a file, beyond which it is no scenario any more.
const (
	maxSteps = 500
	maxParts = 100
	maxNever = 100
)

// Read reads and checks a scenario's file; every fault is noted.
func Read(path string, faults *config.Faults) (Script, bool) {
	var file scriptFile
	before := len(faults.List())
	if !config.Load(path, &file, faults) {
		return Script{}, false
	}
	r := &reader{path: path, faults: faults, names: map[string]string{}}
	s := r.script(file)
	return s, len(faults.List()) == before
}

// Load is Read for one file alone. Errors: invalid, with all faults.
func Load(path string) (Script, error) {
	var faults config.Faults
	s, _ := Read(path, &faults)
	return s, faults.Err()
}
