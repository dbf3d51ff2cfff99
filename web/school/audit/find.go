package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
)

// query is what somebody looks for.
type query struct {
	Who   string // a name, a number or an account
	Group Group
	Day   school.Date // zero for any
	At    string      // where an earlier page ended: ledger:sequence, with commas between

	ids []string // whom Who may mean
}

// fields are what records say in common. Which of them is set depends on the
// kind.
type fields struct {
	By      string `json:"by"`
	Person  string `json:"person"`
	Whose   string `json:"whose"`
	Pupil   string `json:"pupil"`
	Staff   string `json:"staff"`
	For     string `json:"for"`
	Account string `json:"account"`
	Item    any    `json:"item"` // an id, or what a sensor said
	Case    string `json:"case"`
	Bank    string `json:"bank"`
	Door    int    `json:"door"`
	Role    string `json:"role"`
	Answer  string `json:"answer"`
	Result  string `json:"result"`
	Reason  string `json:"reason"`
	Way     string `json:"way"`
	Device  string `json:"device"`

	Exception string `json:"exception"`
	Notice    string `json:"notice"`
	Bar       string `json:"id"`
	On        struct {
		Person string `json:"person"`
	} `json:"on"`

	// Of what is recorded by the hour.
	Times int `json:"times"`
	From  any `json:"from"`
	Until any `json:"until"`
}

// read gives what a record says, and whom it is about where it only names a thing.
func (o *pages) read(r ledger.Record) fields {
	var f fields
	_ = json.Unmarshal(r.Body, &f) // a body of another shape says less, and is shown all the same
	f.Whose = cmp.Or(f.Whose, f.Pupil, f.For, f.On.Person)
	item, _ := f.Item.(string)
	for _, id := range []string{f.Exception, f.Case, f.Notice, f.Bar, item} {
		if f.Whose == "" && id != "" {
			f.Whose = o.Things.Whose(id)
		}
	}
	o.forget(r, &f)
	return f
}

func (f fields) names(id string) bool {
	return slices.Contains([]string{f.By, f.Person, f.Whose, f.Pupil, f.Staff, f.For, f.Account}, id)
}

// found is a record that a query asks for.
type found struct {
	Ledger
	ledger.Record
	fields
}

const (
	onPage  = 100  // records on a page
	mostCSV = 5000 // records in a file
	budget  = 5000 // records read for a page
)

// find gives up to most records, newest first, and where the next page begins;
// "" when nothing is left.
func (o *pages) find(ctx context.Context, q query, most, budget int) (list []found, next string, err error) {
	tails, err := o.tails(ctx, q, &budget)
	if err != nil {
		return nil, "", err
	}
	var start time.Time
	if q.Day != (school.Date{}) {
		start = q.Day.At(school.Clock{}, o.Now().Location())
	}
	for len(list) < most {
		of, r, err := newest(ctx, tails)
		if errors.Is(err, errEnough) {
			break
		}
		if err != nil {
			return nil, "", err
		}
		if of == nil || r.Stamp.Wall.Before(start) {
			return list, "", nil
		}
		f := o.read(r)
		if q.wants(r, f) {
			list = append(list, found{of.Ledger, r, f})
		}
	}
	return list, places(tails), nil
}

func (q query) wants(r ledger.Record, f fields) bool {
	if q.Group != "" && wordsOf(r.Kind).group != q.Group {
		return false
	}
	return q.Who == "" || f.names(q.Who) || slices.ContainsFunc(q.ids, f.names)
}

// tails are all ledgers at the place where a query begins.
func (o *pages) tails(ctx context.Context, q query, budget *int) ([]*back, error) {
	from, err := q.places()
	if err != nil {
		return nil, err
	}
	var list []*back
	for _, l := range o.Ledgers.Ledgers() {
		b := &back{Ledger: l, pos: l.Size(), budget: budget}
		switch pos, said := from[l.ID]; {
		case said:
			b.pos = min(pos, l.Size())
		case q.At != "":
			continue // it came later: the pages before had it
		case q.Day != (school.Date{}):
			if b.pos, err = before(ctx, l, q.Day.Next().At(school.Clock{}, o.Now().Location())); err != nil {
				return nil, err
			}
		}
		list = append(list, b)
	}
	return list, nil
}

// places says where each ledger was left.
func places(tails []*back) string {
	var list []string
	left := false
	for _, b := range tails {
		left = left || b.pos > 0
		list = append(list, fmt.Sprintf("%s:%d", b.ID, b.pos))
	}
	if !left {
		return ""
	}
	return strings.Join(list, ",")
}

func (q query) places() (map[string]uint64, error) {
	from := map[string]uint64{}
	if q.At == "" {
		return from, nil
	}
	for part := range strings.SplitSeq(q.At, ",") {
		id, seq, _ := strings.Cut(part, ":")
		n, err := strconv.ParseUint(seq, 10, 53)
		if err != nil {
			return nil, errs.New(errs.Invalid, "That is not a page of the record.", "Begin at the newest page.")
		}
		from[id] = n
	}
	return from, nil
}

// readQuery reads what an address asks for. What cannot be is left out.
func (o *pages) readQuery(v url.Values) query {
	q := query{Who: strings.TrimSpace(v.Get("who")), At: v.Get("at")}
	if g := Group(v.Get("kind")); slices.Contains(Groups, g) {
		q.Group = g
	}
	if d, err := school.ParseDate(v.Get("day")); err == nil {
		q.Day = d
	}
	if q.Who != "" {
		q.ids = o.People.Find(q.Who)
	}
	return q
}

// values are the query as part of an address, without its page.
func (q query) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"who": q.Who, "kind": string(q.Group)} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Day != (school.Date{}) {
		v.Set("day", q.Day.String())
	}
	return v
}
