package exams

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

// roomSheet is one room on paper.
type roomSheet struct {
	Room string
	Rows []row
}

type printData struct {
	ID, Title, Series, Day, Span, At string
	Sheets                           []roomSheet
}

// print lists candidates by room, for the door and the invigilator.
func (p *pages) print(c echo.Context) error {
	s, list, err := p.sitting(c)
	if err != nil {
		return err
	}
	d := printData{ID: s.ID, Title: title(s), Series: s.Paper.Series, Day: p.day(s.Start), Span: p.span(s), At: p.Now().Format("15:04")}
	rooms := map[string][]row{}
	for _, l := range list {
		room := cmp.Or(l.Room, "No room given")
		rooms[room] = append(rooms[room], p.row(s, l))
	}
	for room, rows := range rooms {
		slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Name, b.Name)) })
		d.Sheets = append(d.Sheets, roomSheet{room, rows})
	}
	slices.SortFunc(d.Sheets, func(a, b roomSheet) int { return cmp.Compare(a.Room, b.Room) })
	return p.Page(c, http.StatusOK, "exam-print", "Lists by room", d)
}
