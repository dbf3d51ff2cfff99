package fleet

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/web/school/board"
)

// state is where a device stands, as the list has it.
type state string

// The states, those first that somebody must do something about.
const (
	toReturn   state = "to-return" // with somebody who has left the school, or retired
	lost       state = "lost"
	quarantine state = "quarantine"
	waiting    state = "waiting" // has not joined yet
	store      state = "store"
	issued     state = "issued"
	retired    state = "retired"
)

var states = []state{toReturn, lost, quarantine, waiting, store, issued, retired}

func (s state) words() (text, colour string) {
	switch s {
	case toReturn:
		return "To be returned", "orange"
	case lost:
		return "Lost", "red"
	case quarantine:
		return "In quarantine", "purple"
	case waiting:
		return "Has not joined", "yellow"
	case store:
		return "In store", "blue"
	case issued:
		return "Issued", "green"
	}
	return "Retired", "grey"
}

// stateOf is where a device stands. joined says whether it has a certificate.
func (p *pages) stateOf(l fleet.Listing, joined bool) state {
	switch {
	case l.Quarantine != nil:
		return quarantine
	case !l.Lost.At.IsZero() && l.Retired.IsZero():
		return lost
	case l.Holder != "" && (p.hasLeft(l.Holder) || !l.Retired.IsZero()):
		return toReturn
	case !l.Retired.IsZero():
		return retired
	case l.Holder != "":
		return issued
	case !joined:
		return waiting
	}
	return store
}

// hasLeft reports whether somebody is on the roll no longer, or their visit is over.
func (cfg Config) hasLeft(id string) bool {
	if v, ok := cfg.Visitors.Visit(id); ok {
		return cfg.Visitors.Over(v)
	}
	person, ok := cfg.People.Person(id)
	return ok && !person.OnRoll()
}

// line is a device in the list.
type line struct {
	fleet.Listing
	State, Colour string
	Who           string // who has it
	Left          bool   // and has left the school
	Since         string // since when
	Joined        bool
}

// Name is what is painted on it, or its id.
func (l line) Name() string { return cmp.Or(l.Device.Label, l.Device.ID) }

// tab is one state and how many devices are in it.
type tab struct {
	Key, Title string
	Count      int
	Current    bool
}

type listData struct {
	Tabs      []tab
	Lines     []line
	More      int
	Query     string
	Show      state
	MayManage bool
}

// mostShown is how many devices one page has.
const mostShown = 200

func (p *pages) list(c echo.Context) error {
	d := listData{Query: strings.TrimSpace(c.QueryParam("q")), Show: state(c.QueryParam("show")), MayManage: p.May(c, roles.ManageDevices, roles.Target{})}
	if !slices.Contains(states, d.Show) {
		d.Show = ""
	}
	counts, certificates, since := map[state]int{}, p.Joining.Certificates(), p.since()
	for _, l := range p.Book.Listings() {
		s := p.stateOf(l, certificates[l.Device.ID] != "")
		counts[s]++
		if d.Show != "" && s != d.Show || d.Show == "" && s == retired {
			continue
		}
		if row := p.line(l, s, since, certificates); p.matches(row, d.Query) {
			d.Lines = append(d.Lines, row)
		}
	}
	d.More = max(0, len(d.Lines)-mostShown)
	d.Lines = d.Lines[:len(d.Lines)-d.More]
	d.Tabs = []tab{{Key: "", Title: "In use", Current: d.Show == ""}}
	for _, s := range states {
		if s != retired {
			d.Tabs[0].Count += counts[s]
		}
		if counts[s] > 0 || d.Show == s {
			words, _ := s.words()
			d.Tabs = append(d.Tabs, tab{string(s), words, counts[s], d.Show == s})
		}
	}
	return p.Page(c, http.StatusOK, "fleet", "Device list", d)
}

func (p *pages) line(l fleet.Listing, s state, since map[string]fleet.Issue, certificates map[string]string) line {
	row := line{Listing: l, Joined: certificates[l.Device.ID] != ""}
	row.State, row.Colour = s.words()
	if l.Holder != "" {
		row.Who, row.Left, row.Since = p.called(l.Holder), p.hasLeft(l.Holder), p.day(since[l.Device.ID].From)
	}
	return row
}

// since are the open lines of the register, by device.
func (p *pages) since() map[string]fleet.Issue {
	open := map[string]fleet.Issue{}
	for _, i := range p.Book.Register() {
		if i.Until.IsZero() {
			open[i.Device] = i
		}
	}
	return open
}

// matches reports whether every word of a query is somewhere in the line.
func (p *pages) matches(l line, query string) bool {
	words := append([]string{l.Device.ID, l.Device.Label, l.Device.Platform, l.Who}, l.Device.Groups...)
	for _, g := range l.Device.Groups {
		words = append(words, p.GroupWords(g))
	}
	text := strings.ToLower(strings.Join(words, " "))
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// Tasks are what the start page says waits about devices. It names nobody.
func (cfg Config) Tasks() []board.Task {
	left, asked := 0, 0
	for _, l := range cfg.Book.Listings() {
		if l.Holder != "" && cfg.hasLeft(l.Holder) {
			left++
		}
		if q := l.Quarantine; q != nil {
			if first, _ := cfg.Evidence.EndWanted(*q); first.Person != "" {
				asked++
			}
		}
	}
	var list []board.Task
	if left > 0 {
		list = append(list, board.Task{Key: "devices-to-return", What: "School devices still with people who have left: " + number(left) + ".",
			Next: "Ask for them back. Nobody else can have one until it is taken back.", Href: "/fleet?show=" + string(toReturn), Link: "These devices"})
	}
	if asked > 0 {
		list = append(list, board.Task{Key: "quarantine-end", What: "Somebody asked to end a quarantine: " + number(asked) + ".",
			Next: "A second person agrees, or it stays.", Href: "/fleet/quarantine", Link: "Quarantines"})
	}
	return list
}
