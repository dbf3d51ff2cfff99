package api

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Attendance is one page of a day's marks, by form and name.
type Attendance struct {
	Items []Mark `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Mark is what counts of a pupil's day.
type Mark struct {
	Person   string    `json:"person"`
	Register string    `json:"register,omitempty" enum:"present,late,absent,left" doc:"none while nobody has said anything"`
	NoPhone  bool      `json:"no_phone" doc:"says they have no phone with them"`
	At       time.Time `json:"at,omitzero"`
	By       string    `json:"by,omitempty" doc:"account"`
}

// NewMarks are what is said of pupils' day, as one batch.
type NewMarks struct {
	Marks []NewMark `json:"marks"`
}

// NewMark is what is said of one pupil.
type NewMark struct {
	Person string `json:"person"`
	Mark   string `json:"mark" enum:"present,late,absent,left,no-phone,phone"`
}

// Batch is what was said at once. It can be taken back.
type Batch struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Count int       `json:"count" doc:"pupils"`
}

// NewLeave lets a pupil collect once before the end of the day.
type NewLeave struct {
	Reason   string `json:"reason" enum:"appointment,ill,family,visit,other"`
	Collects string `json:"collects" doc:"who comes for them, or that they go alone"`
}

// Leave is a permission to leave early.
type Leave struct {
	ID     string    `json:"id"`
	Person string    `json:"person"`
	Reason string    `json:"reason" enum:"appointment,ill,family,visit,other"`
	Until  time.Time `json:"until"`
	By     string    `json:"by" doc:"account"`
}

// Spare gives a pre-printed spare badge to somebody.
type Spare struct {
	Badge string `json:"badge" doc:"what a scanner reads of it, or the 8 characters printed on it"`
	Why   string `json:"why,omitempty" enum:"lost,damaged,other" doc:"what became of the badge they have; none when they have none"`
}

func (a *api) dayOperations() []operation {
	return []operation{
		read("/attendance/:day", roles.MarkAttendance, "What was said of a day, such as 2026-11-23, of the pupils the caller may mark", a.attendance).
			about(kit.Anything).asking(paging...),
		change("/attendance/:day", roles.MarkAttendance, created, "Mark pupils",
			NewMarks{[]NewMark{{"p-0012", "present"}, {"p-0013", "no-phone"}}}, a.mark).about(kit.Anything),
		change("/people/:id/leave", roles.LeaveEarly, created, "Let a pupil collect once before the end of the day", NewLeave{"appointment", "Mother"}, a.leave).about(a.OnPerson("id")),
		read("/leaves/:leave", roles.LeaveEarly, "One permission to leave early", a.oneLeave),
		change("/leaves/:leave/end", roles.LeaveEarly, ok, "Take back a permission to leave early", Nothing{}, a.endLeave),
		change("/batches/:batch/undo", roles.MarkAttendance, ok, "Take back marks that were said at once; what was said before counts again", Nothing{}, a.undo),
	}
}

func dayOf(c echo.Context) (school.Date, error) {
	day, err := school.ParseDate(kit.Param(c, "day"))
	if err != nil {
		err = errs.New(errs.NotFound, "That is not a day.", "Write it as 2026-11-23.")
	}
	return day, err
}

func (a *api) attendance(c echo.Context) (Attendance, error) {
	date, err := dayOf(c)
	if err != nil {
		return Attendance{}, err
	}
	scope, forms := a.Reach(c, roles.MarkAttendance)
	pupils := slices.DeleteFunc(a.People.People(), func(p register.Person) bool {
		return p.Kind != register.Pupil || scope != roles.School && !slices.Contains(forms, p.Form)
	})
	part, next, err := window(c, pupils, func(p register.Person) string { return p.ID })
	day := a.Register.Day(date)
	list := Attendance{Items: make([]Mark, len(part)), Next: next}
	for i, p := range part {
		s := day.Of(p.ID)
		list.Items[i] = Mark{p.ID, string(s.Register), s.NoPhone, s.At, s.By}
	}
	return list, err
}

func (a *api) mark(c echo.Context, in NewMarks) (Batch, error) {
	date, err := dayOf(c)
	if err != nil {
		return Batch{}, err
	}
	marks := map[string]attendance.Mark{}
	var faults []error
	for i, m := range in.Marks {
		p, known := a.People.Person(m.Person)
		_, twice := marks[m.Person]
		switch {
		case !known || p.Kind != register.Pupil || !a.May(c, roles.MarkAttendance, a.Person(m.Person)):
			faults = append(faults, errs.At(fmt.Sprintf("marks.%d.person", i), "That is no pupil the caller may mark.", ""))
		case twice:
			faults = append(faults, errs.At(fmt.Sprintf("marks.%d.person", i), "That pupil is marked twice.", ""))
		case !slices.Contains(attendance.Marks(), attendance.Mark(m.Mark)):
			faults = append(faults, errs.At(fmt.Sprintf("marks.%d.mark", i), "There is no such mark.", ""))
		}
		marks[m.Person] = attendance.Mark(m.Mark)
	}
	if err := errors.Join(faults...); err != nil {
		return Batch{}, err
	}
	b, err := a.Register.Mark(c.Request().Context(), a.Who(c).Account, date, attendance.ByFile, marks)
	return Batch{b.ID, b.At, b.Count}, err
}

// pupil is the pupil on the roll that a request is about.
func (a *api) pupil(c echo.Context) (register.Person, error) {
	p, ok := a.People.Person(kit.Param(c, "id"))
	if !ok || p.Kind != register.Pupil || !p.OnRoll() {
		return p, errNobody
	}
	return p, nil
}

func (a *api) leave(c echo.Context, in NewLeave) (Leave, error) {
	p, err := a.pupil(c)
	if err != nil {
		return Leave{}, err
	}
	now := a.Now()
	day, ok := a.Calendar.Day(school.DateOf(now.In(a.Calendar.Zone)))
	if !ok || !now.Before(day.CollectUntil) {
		return Leave{}, errs.New(errs.NotNow, "School is over for today.", "A device that is still in is given back by the office.")
	}
	l, err := a.Register.LeaveEarly(c.Request().Context(), a.Who(c).Account,
		attendance.Leave{Person: p.ID, Reason: attendance.Reason(in.Reason), Collects: in.Collects, Until: day.CollectUntil})
	return leaveOf(l), err
}

func leaveOf(l attendance.Leave) Leave {
	return Leave{l.Grant, l.Person, string(l.Reason), l.Until, l.By}
}

func (a *api) oneLeave(c echo.Context) (Leave, error) {
	l, ok := a.Register.Leave(kit.Param(c, "leave"))
	if !ok {
		return Leave{}, errs.New(errs.NotFound, "That permission to leave early is not known any more.", "")
	}
	return leaveOf(l), nil
}

func (a *api) endLeave(c echo.Context, _ Nothing) (Nothing, error) {
	return Nothing{}, a.Register.EndLeave(c.Request().Context(), a.Who(c).Account, kit.Param(c, "leave"))
}

func (a *api) undo(c echo.Context, _ Nothing) (Nothing, error) {
	return Nothing{}, a.Register.Undo(c.Request().Context(), a.Who(c).Account, kit.Param(c, "batch"))
}

func (a *api) handSpare(c echo.Context, in Spare) (BadgeList, error) {
	p, err := a.pupil(c)
	if err != nil {
		return BadgeList{}, err
	}
	spare, err := a.Badges.Scanned(c.Request().Context(), in.Badge)
	if code := errs.CodeOf(err); code == errs.Invalid || code == errs.NotFound {
		return BadgeList{}, errs.At("badge", "That is not a badge of this school.", errs.HintOf(err))
	}
	if err == nil {
		err = a.Badges.Hand(c.Request().Context(), a.Who(c).Account, spare.Hash, p.ID, badges.Why(in.Why))
	}
	if err != nil {
		return BadgeList{}, err
	}
	return a.badgeList(c)
}
