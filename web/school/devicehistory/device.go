package devicehistory

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// deviceData is the page of one device.
type deviceData struct {
	frame
	ID, Name string
	Answer   *answer // nil when nothing is kept
	Lines    []evidence
	More     int // lines that are not shown
}

// frame is what both pages have.
type frame struct {
	Form     *kit.Form
	Periods  []kit.Option
	Settings []kit.Option
	When     string // the while, in words
	Asked    string // the setting
	Gone     string // why nothing is told; "" when it is
	Sure     sure
	Bells    []bellLine
	Now      time.Time
}

// sure is whether what is told is what was written.
type sure struct {
	Bad   bool
	Words string
}

// bellLine is what the ledger has of a bell.
type bellLine struct {
	At, Bell, Words string
	Record          uint64
}

// evidence is a line of what is kept, in words.
type evidence struct{ At, Says, Wanted, State, Note string }

// mostLines bounds the evidence on a page.
const mostLines = 500

func (o *pages) device(c echo.Context) error {
	id, q := kit.Param(c, "id"), o.readQuery(c)
	name := o.Name(id)
	if name == "" {
		return errs.New(errs.NotFound, "This school has no device of that name.", "Look at the device board.")
	}
	f, day, err := o.frame(c, q)
	if err != nil {
		return err
	}
	d := deviceData{frame: f, ID: id, Name: name}
	if day != nil {
		d.answer(q, day)
	}
	return o.Page(c, http.StatusOK, "device-history", "What "+name+" did", d)
}

func (d *deviceData) answer(q query, day *history.Day) {
	zone := q.From.Location()
	a := tell(q.Setting, day.Of(d.ID, q.Setting, q.From, q.Until), zone)
	d.Answer = &a
	lines := day.Lines(d.ID, q.From, q.Until)
	d.More = max(0, len(lines)-mostLines)
	for _, e := range lines[:len(lines)-d.More] {
		d.Lines = append(d.Lines, evidenceOf(e, q.Setting, zone))
	}
}

func evidenceOf(e history.Entry, s mdm.Setting, zone *time.Location) evidence {
	l := evidence{At: e.At.In(zone).Format("15:04:05"), Wanted: "Nothing", Says: "Nothing yet", State: standing(e, s), Note: e.Note}
	if w, ok := e.Want[s]; ok {
		l.Wanted = change.StateWords(s, w)
	}
	if o, ok := e.Said[s]; ok {
		l.Says = strings.TrimSuffix(change.StateWords(s, o.Value)+", "+stateWords(o), ", ")
	}
	switch {
	case e.Cut:
		l.Note = strings.TrimSpace(l.Note + " More happened than could be kept.")
	case e.Up && !e.Fresh && e.Said != nil:
		l.Note = strings.TrimSpace(l.Note + " Online again; its report is from before.")
	}
	return l
}

// standing is how one setting of a device stood, whatever its others were.
func standing(e history.Entry, s mdm.Setting) string {
	want, wanted := e.Want[s]
	o := e.Said[s]
	switch {
	case e.Gone:
		return "managed no longer"
	case !e.Up && !e.Since.IsZero():
		return verdictWords(mdm.Offline)
	case e.Cut:
		return "not known"
	case e.Verdict == mdm.Rejected, e.Verdict == mdm.Unknown:
		return verdictWords(e.Verdict)
	case !wanted:
		return "nothing asked"
	case e.Fresh && o.State == mdm.Assumed:
		return verdictWords(mdm.OnlyAssumed)
	case e.Fresh && o.Value == want:
		return verdictWords(mdm.InForce)
	case !e.Fresh || e.For != e.Rev:
		if e.Verdict == mdm.Late {
			return verdictWords(mdm.Late)
		}
		return verdictWords(mdm.Pending)
	case o.State == mdm.Updating:
		return verdictWords(mdm.Pending)
	case o.State == mdm.UserAction:
		return verdictWords(mdm.AwaitsUser)
	}
	return verdictWords(mdm.Violating)
}

func stateWords(o mdm.Outcome) string {
	words := map[mdm.State]string{mdm.Updating: "being set", mdm.Overridden: "changed on the device", mdm.Invalid: "not understood", mdm.Failure: "refused",
		mdm.UserAction: "waits for its user", mdm.Unsupported: "the device cannot do this", mdm.Assumed: "assumed, not confirmed"}
	if o.Detail != "" && words[o.State] != "" {
		return words[o.State] + ": " + o.Detail
	}
	return words[o.State]
}

// frame reads the day, and says how sure it is. The day is nil when it is not kept.
func (o *pages) frame(c echo.Context, q query) (f frame, day *history.Day, err error) {
	f = frame{Form: o.NewForm(c, q.values()), Periods: q.choices(), Settings: settingChoices(), Asked: change.SettingWords(q.Setting), Now: o.Now(),
		When: q.From.Format("Monday 2 January 2006")}
	if q.Period != wholeDay {
		f.When = q.Period + ", " + f.When + ", " + q.From.Format("15:04") + " to " + q.Until.Format("15:04")
	}
	day, err = o.Days.Read(q.Date)
	if errs.CodeOf(err) == errs.NotFound {
		f.Gone = o.gone(q)
		f.Bells = bellLines(o.bellsOf(q), q.From.Location())
		return f, nil, nil
	}
	if err != nil {
		return f, nil, err
	}
	f.Sure = sureOf(day, q)
	f.Bells = bellLines(day.Covering(q.From, q.Until), q.From.Location())
	return f, day, nil
}

// bellsOf are the ledger's bells of what is asked.
func (o *pages) bellsOf(q query) []history.Bell {
	return slices.DeleteFunc(o.Bells.Of(q.Date), func(b history.Bell) bool { return b.Bell == "" || q.Period != wholeDay && b.Bell != q.Period })
}

// gone says why nothing is told, and what the ledger still knows.
func (o *pages) gone(q query) string {
	bells := o.bellsOf(q)
	switch {
	case len(bells) > 0:
		b := bells[0]
		return "What each device did is no longer kept. The ledger has that a minute after the bell for " + b.Bell + " " +
			strconv.Itoa(b.Counts[mdm.InForce]) + " of " + count(b.Devices, "device was", "devices were") + " as they had to be."
	case school.DateOf(o.Now()).Before(q.Date):
		return "That day is still to come."
	case len(o.Bells.Of(q.Date)) > 0:
		return "What each device did is no longer kept, and the ledger has nothing of that time."
	}
	return "Nothing was recorded of that day."
}

func sureOf(d *history.Day, q query) sure {
	until := q.Until
	if d.Last.Before(until) {
		until = d.Last
	}
	switch d.Proof(until) {
	case history.Damaged:
		var names []string
		for _, b := range d.Damaged {
			names = append(names, cmp.Or(b.Bell, "the day’s end"))
		}
		return sure{Bad: true, Words: "Do not rely on this: what is kept is not what was recorded at " + strings.Join(names, ", ") +
			". Something was changed, added or left out. Look for the backup of that day, and find out who had the server’s disk."}
	case history.Unsigned:
		return sure{Words: "The newest lines are not on the ledger yet. The next bell puts them there; look again after it."}
	}
	return sure{Words: "Verified: all that is told here is, byte for byte, what was written then. Its hashes are on the school’s ledger."}
}

func bellLines(bells []history.Bell, zone *time.Location) []bellLine {
	var list []bellLine
	for _, b := range bells {
		l := bellLine{At: b.At.In(zone).Format("2 Jan 15:04:05"), Bell: cmp.Or(b.Bell, "End of the day"), Record: b.Seq}
		var parts []string
		for _, v := range mdm.Verdicts {
			if n := b.Counts[v]; n > 0 {
				parts = append(parts, strconv.Itoa(n)+" "+verdictWords(v))
			}
		}
		l.Words = cmp.Or(strings.Join(parts, ", "), "no devices")
		if b.Missed != nil {
			l.Words += ". It did not take"
		}
		list = append(list, l)
	}
	return list
}
