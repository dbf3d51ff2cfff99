package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges/print"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// paperFile is what the server's file says of lists for the hour when a bank does
// not answer.
type paperFile struct {
	Folder config.Value[string]   `yaml:"folder"`
	At     []config.Value[string] `yaml:"at"`
}

// doorLists writes such lists into a folder. The zero doorLists writes none.
type doorLists struct {
	folder string
	at     []school.Clock
}

// mostTimes is how many lists a day there may be.
const mostTimes = 6

// usualTimes are when the day's hand-in is over and before its collection.
var usualTimes = []school.Clock{{Hour: 8, Minute: 55}, {Hour: 14, Minute: 45}}

func (f *paperFile) read(path string, faults *config.Faults) doorLists {
	if f == nil {
		return doorLists{}
	}
	p := doorLists{folder: f.Folder.V, at: usualTimes}
	if !filepath.IsAbs(p.folder) {
		faults.Add(path, f.Folder.Line, "paper: folder: %q is not a full path", p.folder)
	}
	if len(f.At) > mostTimes {
		faults.Add(path, f.At[0].Line, "paper: at: there are more than %d times", mostTimes)
	}
	if len(f.At) > 0 {
		p.at = nil
	}
	for _, v := range f.At {
		clock, err := school.ParseClock(v.V)
		if err != nil {
			faults.Add(path, v.Line, "paper: at: %q is not a time like 08:55", v.V)
		}
		p.at = append(p.at, clock)
	}
	return p
}

// words say what becomes of it, for whoever starts the server.
func (p doorLists) words() string {
	if p.folder == "" {
		return "No lists of doors are written for paper: server.yaml names no folder under paper."
	}
	text := "Lists of who has a phone behind which door are written to " + p.folder + " at"
	for _, c := range p.at {
		text += fmt.Sprintf(" %02d:%02d", c.Hour, c.Minute)
	}
	return text + "; each is removed after a day."
}

const (
	paperLook  = 20 * time.Second // between two looks at the clock
	paperLate  = 15 * time.Minute // after which a list that was missed is not made any more
	paperKept  = 24 * time.Hour
	paperNames = "doors-2006-01-02-1504.pdf"
)

// run writes lists until ctx ends. A list that cannot be written is told in the
// log: the banks and the pages go on without it.
func (p doorLists) run(ctx context.Context, s *server.Server) error {
	if p.folder == "" {
		return nil
	}
	for wait.For(ctx, paperLook) == nil {
		now := s.Now()
		if !now.Trusted {
			continue
		}
		list := func() ([]byte, error) { return doorList(s, now.Wall.In(s.School.Calendar.Zone)) }
		if err := p.look(now.Wall, s.School.Calendar, list); err != nil {
			slog.Error("a list of doors for paper could not be written", "err", err)
		}
	}
	return nil
}

// look writes the list that is due at now, once, and removes what is old.
func (p doorLists) look(now time.Time, cal school.Calendar, list func() ([]byte, error)) error {
	if err := os.MkdirAll(p.folder, 0o700); err != nil {
		return err
	}
	if err := p.tidy(now, cal.Zone); err != nil {
		return err
	}
	date := school.DateOf(now.In(cal.Zone))
	for _, clock := range p.at {
		at := date.At(clock, cal.Zone)
		if now.Before(at) || now.Sub(at) > paperLate || !cal.SchoolDay(date) {
			continue
		}
		path := filepath.Join(p.folder, at.Format(paperNames))
		if _, err := os.Stat(path); err == nil {
			continue
		}
		data, err := list()
		if err == nil {
			err = durable.WriteFile(path, data, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tidy removes lists of more than a day ago, by their names, and nothing else.
func (p doorLists) tidy(now time.Time, zone *time.Location) error {
	files, err := os.ReadDir(p.folder)
	if err != nil {
		return err
	}
	for _, f := range files {
		made, err := time.ParseInLocation(paperNames, f.Name(), zone)
		if err != nil || now.Sub(made) < paperKept {
			continue
		}
		if err := os.Remove(filepath.Join(p.folder, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// doorList is the list as a PDF, by the banks' own records.
func doorList(s *server.Server, now time.Time) ([]byte, error) {
	var lines []print.DoorLine
	for _, b := range s.Banks.Banks() {
		bank := kit.BankName(b.Setup.Bank)
		for _, d := range b.Board.Doors {
			line := print.DoorLine{Bank: bank, Door: d.Number, Name: "A device that staff put in"}
			switch {
			case d.Person != "":
				if name, form, ok := s.People.Name(d.Person); ok {
					line.Name, line.Form = name, form
				}
			case d.Item == "":
				continue
			}
			lines = append(lines, line)
		}
	}
	var pdf bytes.Buffer
	err := print.Doors(&pdf, s.School.Name+": who has a device behind which door", lines, now)
	return pdf.Bytes(), err
}
