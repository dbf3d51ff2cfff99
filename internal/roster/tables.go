package roster

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/school"
)

const (
	mostRows      = 20_000
	maxTable      = 8 << 20
	byteOrderMark = "\ufeff"
)

// table reads a CSV file with the given header and calls row for each line
// after it. A byte order mark is tolerated.
func table(path string, header []string, faults *config.Faults, row func(line int, cells []string)) {
	f, err := os.Open(path)
	if err != nil {
		faults.Add(path, 0, "the file cannot be read: %v", err)
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > maxTable {
		faults.Add(path, 0, "the file is larger than %d bytes", maxTable)
		return
	}
	text := bufio.NewReader(io.LimitReader(f, maxTable))
	if mark, _ := text.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = text.Discard(len(byteOrderMark)) // what was peeked at can be discarded
	}
	rows := csv.NewReader(text)
	rows.FieldsPerRecord = len(header)
	rows.ReuseRecord = true
	for n := 0; n <= mostRows; n++ {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var parse *csv.ParseError
		switch {
		case errors.As(err, &parse):
			faults.Add(path, parse.Line, "%v", parse.Err)
			if !errors.Is(err, csv.ErrFieldCount) {
				return
			}
			continue
		case err != nil:
			faults.Add(path, 0, "%v", err)
			return
		}
		line, _ := rows.FieldPos(0)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if n > 0 {
			row(line, cells)
			continue
		}
		if !slices.Equal(cells, header) {
			faults.Add(path, 1, "the first line must be: %s", strings.Join(header, ","))
			return
		}
	}
	faults.Add(path, 0, "more than %d lines", mostRows)
}

type place struct {
	bank string
	door int
}

func readRoll(path string, faults *config.Faults) []Pupil {
	var roll []Pupil
	lineOf, doorOf := map[string]int{}, map[place]int{}
	table(path, []string{"person", "name", "form", "door", "bank"}, faults, func(line int, cells []string) {
		p := Pupil{ID: cells[0], Name: cells[1], Form: cells[2], Bank: cells[4], Line: line}
		if !school.ValidID(p.ID) {
			faults.Add(path, line, "person %q: needs small letters, digits and hyphens", p.ID)
		}
		if first := lineOf[p.ID]; first != 0 {
			faults.Add(path, line, "person %s stands on line %d already", p.ID, first)
		}
		lineOf[p.ID] = line
		if !school.ValidID(p.Bank) {
			faults.Add(path, line, "person %s: bank %q: needs small letters, digits and hyphens", p.ID, p.Bank)
		}
		if cells[3] != "" {
			door, err := strconv.Atoi(cells[3])
			key := place{p.Bank, door}
			switch {
			case err != nil || door < 1:
				faults.Add(path, line, "person %s: door %q is not a door number", p.ID, cells[3])
			case doorOf[key] != 0:
				faults.Add(path, line, "person %s: door %d belongs to line %d already", p.ID, door, doorOf[key])
			}
			p.Door, doorOf[key] = door, line
		}
		roll = append(roll, p)
	})
	return roll
}

func readBadges(path string, roll []Pupil, faults *config.Faults) []Badge {
	var badges []Badge
	lineOf, known := map[school.Token]int{}, ids(roll)
	table(path, []string{"person", "badge", "state"}, faults, func(line int, cells []string) {
		token, err := school.ParseBadge(cells[1])
		switch {
		case err != nil:
			faults.Add(path, line, "the badge is not readable: wrong length, letters or check character")
			return
		case lineOf[token] != 0:
			faults.Add(path, line, "the same badge stands on line %d already", lineOf[token])
		case !known[cells[0]]:
			faults.Add(path, line, "person %q is not on the roll", cells[0])
		case cells[2] != "active" && cells[2] != "revoked":
			faults.Add(path, line, "state %q is neither active nor revoked", cells[2])
		}
		lineOf[token] = line
		badges = append(badges, Badge{Person: cells[0], Token: token, Revoked: cells[2] == "revoked"})
	})
	return badges
}

func ids(roll []Pupil) map[string]bool {
	known := make(map[string]bool, len(roll))
	for _, p := range roll {
		known[p.ID] = true
	}
	return known
}
