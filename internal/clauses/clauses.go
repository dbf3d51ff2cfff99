// Package clauses reads how a school's written policy is met, clause by clause:
//
//	clauses.csv  id, section, title, meaning, actor, class, req
//	met.csv      id, how, rule, proof, event, note
//
// clauses.csv says what the policy asks, in the product's own words, and what
// could be done about each clause: enforce, record, show, or nothing, as it is
// outside. met.csv says what is done:
//
//	enforced  by rule, a key of the rules or one of BuiltIn; the Go test proof
//	          fails without it
//	recorded  as event, a kind of record on a ledger
//	shown     on a page or in print; note says where
//	outside   note says why: teaching, conduct, other system, or aim
//	not-yet   note names the work that is still to be done
package clauses

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// The files in a school's folder.
const (
	FileName    = "clauses.csv"
	MetFileName = "met.csv"
)

// Class is what could be done about a clause.
type Class string

// The classes.
const (
	Enforce Class = "enforce"
	Record  Class = "record"
	Show    Class = "show"
	Beyond  Class = "outside"
)

// How is what is done about a clause.
type How string

// The ways to meet a clause.
const (
	Enforced How = "enforced"
	Recorded How = "recorded"
	Shown    How = "shown"
	Outside  How = "outside"
	NotYet   How = "not-yet"
)

// Ways are all ways in the order they are told.
var Ways = []How{Enforced, Recorded, Shown, NotYet, Outside}

// Words is the way for people.
func (h How) Words() string {
	switch h {
	case Enforced:
		return "Enforced"
	case Recorded:
		return "Recorded"
	case Shown:
		return "Shown"
	case NotYet:
		return "Not yet"
	}
	return "Outside"
}

// Clause is one clause of a policy and how it is met.
type Clause struct {
	ID, Section, Title string
	Meaning, Actor     string
	Class              Class

	How   How
	Rule  string // key of the rules, or of BuiltIn; enforced only
	Proof string // Go test that fails without it; enforced only
	Event string // kind of record; recorded only
	Note  string
}

// Why clauses are outside: what software cannot do for a school.
var reasons = []string{"aim", "teaching", "conduct", "other system", "organisation"}

const maxLines = 5000

// Load reads a school's clauses. Folders without clauses.csv have none. All
// faults of both files are noted.
func Load(dir string, faults *config.Faults) []Clause {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var list []Clause
	at := map[string]int{}
	table(path, []string{"id", "section", "title", "meaning", "actor", "class", "req"}, faults, func(line int, v []string) {
		if _, twice := at[v[0]]; twice {
			faults.Add(path, line, "clause %s stands here a second time", v[0])
			return
		}
		at[v[0]] = len(list)
		c := Clause{ID: v[0], Section: v[1], Title: v[2], Meaning: v[3], Actor: v[4], Class: Class(v[5])}
		if !slices.Contains([]Class{Enforce, Record, Show, Beyond}, c.Class) {
			faults.Add(path, line, "clause %s has the class %.40q, which there is not", c.ID, v[5])
		}
		list = append(list, c)
	})
	met := filepath.Join(dir, MetFileName)
	table(met, []string{"id", "how", "rule", "proof", "event", "note"}, faults, func(line int, v []string) {
		i, known := at[v[0]]
		switch {
		case !known:
			faults.Add(met, line, "there is no clause %.40q", v[0])
			return
		case list[i].How != "":
			faults.Add(met, line, "clause %s stands here a second time", v[0])
			return
		}
		c := &list[i]
		c.How, c.Rule, c.Proof, c.Event, c.Note = How(v[1]), v[2], v[3], v[4], v[5]
		if why := c.wrong(); why != "" {
			faults.Add(met, line, "clause %s: %s", c.ID, why)
		}
	})
	for _, c := range list {
		if c.How == "" {
			faults.Add(met, 0, "clause %s is missing", c.ID)
		}
	}
	return list
}

// wrong says why c cannot be met like that, or "".
func (c Clause) wrong() string {
	has := func(rule, proof, event, note bool) bool {
		return (c.Rule != "") == rule && (c.Proof != "") == proof && (c.Event != "") == event && (!note || c.Note != "")
	}
	if c.Class == Beyond && c.How != Outside {
		return "it is outside, and cannot be " + string(c.How)
	}
	switch c.How {
	case Enforced:
		_, key := policy.Find(c.Rule)
		_, builtIn := BuiltIn[c.Rule]
		switch {
		case !has(true, true, false, false):
			return "what is enforced names its rule and its proof, and no event"
		case !key && !builtIn:
			return fmt.Sprintf("there is no rule %.40q", c.Rule)
		}
	case Recorded:
		if !has(false, false, true, false) {
			return "what is recorded names its event, and neither rule nor proof"
		}
	case Shown, NotYet:
		if !has(false, false, false, true) {
			return "a note says where it is shown or what is still to be done; nothing else is named"
		}
	case Outside:
		if !has(false, false, false, true) || !slices.Contains(reasons, c.Note) {
			return fmt.Sprintf("a note says why it is outside: one of %q", reasons)
		}
		if c.Class == Enforce {
			return "it can be enforced, so it is not outside"
		}
	default:
		return fmt.Sprintf("%.40q is none of %q", c.How, Ways)
	}
	return ""
}

// table reads a CSV file with a fixed header.
func table(path string, header []string, faults *config.Faults, visit func(line int, values []string)) {
	f, err := os.Open(path)
	if err != nil {
		faults.Add(path, 0, "the file cannot be read: %v", err)
		return
	}
	defer f.Close()
	r := csv.NewReader(io.LimitReader(f, 4<<20))
	r.FieldsPerRecord = len(header)
	for n := 0; ; n++ {
		values, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			line := 0
			if wrong := new(csv.ParseError); errors.As(err, &wrong) {
				line, err = wrong.Line, wrong.Err
			}
			faults.Add(path, line, "%v", err)
			return
		}
		line, _ := r.FieldPos(0)
		switch {
		case n == 0 && !slices.Equal(values, header):
			faults.Add(path, line, "the columns are not %q", header)
			return
		case n > maxLines:
			faults.Add(path, line, "there are more than %d lines", maxLines)
			return
		case n > 0:
			visit(line, values)
		}
	}
}

// Find gives the clause of an id.
func Find(list []Clause, id string) (Clause, bool) {
	i := slices.IndexFunc(list, func(c Clause) bool { return c.ID == id })
	if i < 0 {
		return Clause{}, false
	}
	return list[i], true
}
