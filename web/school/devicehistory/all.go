package devicehistory

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// allData is the page of many devices.
type allData struct {
	frame
	Groups []kit.Option
	Rows   []row
	Kept   int // devices as they had to be, all the time
	Broke  int // at times not
	Next   template.URL
	Back   template.URL
	CSV    template.URL
	First  int
	Last   int
	All    int
}

// row is one device of a table.
type row struct {
	ID, Name string
	Href     template.URL
	answer
}

// onPage is how many devices a page shows.
const onPage = 100

func (o *pages) all(c echo.Context) error {
	q := o.readQuery(c)
	f, day, err := o.frame(c, q)
	if err != nil {
		return err
	}
	d := allData{frame: f, Groups: []kit.Option{{Text: "All"}}, CSV: template.URL("/device-history.csv?" + q.values().Encode())} // encoded right here
	if day != nil {
		for _, g := range day.Groups() {
			d.Groups = append(d.Groups, kit.Option{Value: g, Text: g})
		}
		rows := o.rows(q, day)
		for _, r := range rows {
			switch {
			case r.Sum.Broke > 0:
				d.Broke++
			case r.Sum.whole():
				d.Kept++
			}
		}
		d.page(rows, q, c.QueryParam("from"))
	}
	return o.Page(c, http.StatusOK, "device-history-all", "What devices did", d)
}

// page is the part of all rows from a number on.
func (d *allData) page(rows []row, q query, from string) {
	first, err := strconv.Atoi(from)
	if err != nil || first < 0 || first >= len(rows) {
		first = 0
	}
	last := min(first+onPage, len(rows))
	d.Rows, d.First, d.Last, d.All = rows[first:last], first+1, last, len(rows)
	at := func(n int) template.URL {
		v := q.values()
		v.Set("from", strconv.Itoa(n))
		return template.URL("/device-history?" + v.Encode()) // encoded right here
	}
	if last < len(rows) {
		d.Next = at(last)
	}
	if first > 0 {
		d.Back = at(max(0, first-onPage))
	}
}

// rows are all devices of the group, in order.
func (o *pages) rows(q query, day *history.Day) []row {
	var list []row
	v := q.values()
	v.Del("group")
	for _, id := range day.Devices(q.Group) {
		r := row{ID: id, Name: o.Name(id), Href: template.URL("/device/" + url.PathEscape(id) + "/history?" + v.Encode())} // escaped right here
		if r.Name == "" {
			r.Name = id
		}
		r.answer = tell(q.Setting, day.Of(id, q.Setting, q.From, q.Until), q.From.Location())
		list = append(list, r)
	}
	return list
}

// csv is the same table, of all devices.
func (o *pages) csv(c echo.Context) error {
	q := o.readQuery(c)
	f, day, err := o.frame(c, q)
	if err != nil {
		return err
	}
	rows := [][]string{{"device", "label", "setting", "from", "until", "in short", "as wanted, seconds", "before it answered, seconds", "otherwise, seconds", "not known, seconds", "by its own report", "wanted", "verified"}}
	if day == nil {
		rows = append(rows, []string{"", "", f.Asked, q.From.Format(time.RFC3339), q.Until.Format(time.RFC3339), f.Gone})
	} else {
		for _, r := range o.rows(q, day) {
			rows = append(rows, []string{r.ID, r.Name, r.Setting, q.From.Format(time.RFC3339), q.Until.Format(time.RFC3339), r.Verdict,
				seconds(r.Sum.Kept), seconds(r.Sum.Waited), seconds(r.Sum.Broke), seconds(r.Sum.Unknown), r.Says, r.Had, f.Sure.Words})
		}
	}
	return kit.CSV(c, "devices-"+q.Date.String()+".csv", rows)
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }
