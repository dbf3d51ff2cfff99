package registers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school"
)

// line is a register in the list.
type line struct {
	ID, Title string
	Words     []string // what is to be done
	Calm      string   // how it stands, when nothing is
}

type group struct {
	Title string
	Lines []line
}

// list shows the registers that need something first.
func (p *pages) list(c echo.Context) error {
	var groups []group
	var needs []line
	for _, k := range p.Book.Registers() {
		reads := p.mayRead(c, k)
		if !reads && !p.mayWrite(c, k) {
			continue
		}
		l := line{ID: k.ID, Title: k.Title, Calm: "You may write in it."}
		if reads {
			s := p.Book.Standing(k, p.Who(c).Person)
			l.Words, l.Calm = s.Words(), calm(s)
		}
		if len(l.Words) > 0 {
			needs = append(needs, l)
			continue
		}
		i := slices.IndexFunc(groups, func(g group) bool { return g.Title == k.Group })
		if i < 0 {
			i, groups = len(groups), append(groups, group{Title: k.Group})
		}
		groups[i].Lines = append(groups[i].Lines, l)
	}
	return p.Page(c, http.StatusOK, "registers", "Registers", struct {
		Needs  []line
		Groups []group
	}{needs, groups})
}

// calm says how a register stands that needs nothing now.
func calm(s registers.Standing) string {
	var words []string
	switch {
	case len(s.Kind.Write) == 0:
		return "Bellkeep fills it in."
	case s.Entries == 0:
		words = append(words, "No entries yet.")
	default:
		words = append(words, "Last entry: "+registers.DayWords(s.Last)+".")
	}
	if s.Of > 0 {
		words = append(words, number(s.Done)+" of "+number(s.Of)+" this school year.")
	}
	if s.Next != (school.Date{}) && !s.Overdue {
		words = append(words, "Next due by "+registers.DayWords(s.Next)+".")
	}
	if s.Open > 0 {
		words = append(words, "Open: "+number(s.Open)+".")
	}
	return strings.Join(words, " ")
}

func number(n int) string { return strconv.Itoa(n) }
