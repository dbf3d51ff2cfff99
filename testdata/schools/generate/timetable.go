package generate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// subject is what every form is taught, lessons times in two weeks.
type subject struct {
	code, title string
	lessons     int
	teachers    int
}

// The lessons fill the two weeks. The timetable works because with teachers
// as many as here, nobody has two forms at once; see makeClasses.
var subjects = []subject{
	{"En", "English", 8, 6}, {"Ma", "Mathematics", 8, 6}, {"Sc", "Science", 8, 6}, {"Fr", "French", 6, 6}, {"Pe", "Physical education", 6, 6},
	{"Hi", "History", 5, 5}, {"Ge", "Geography", 5, 5}, {"Re", "Religious studies", 4, 3}, {"Co", "Computing", 4, 3}, {"Ar", "Art", 3, 3}, {"Mu", "Music", 3, 3},
}

const (
	daysAWeek    = 5
	lessonsADay  = 6
	slots        = 2 * daysAWeek * lessonsADay
	slotsPerForm = 2  // how far one form's timetable lies behind the last one's
	slotsPerStep = 23 // has no factor in common with slots: spreads a subject over the weeks
)

// class is a form, or a form in a subject.
type class struct {
	id, title, code string
	kind            string // of OneRoster
	year            string // of its pupils, several apart by comma
	course          string
	room            string
	periods         []string
	teacher         string
	pupils          []string
}

// makeClasses gives each form its tutor, and each subject to each form.
//
// Imagine the 60 lessons of two weeks on a ring, one subject after the other.
// Form f begins 2f further on. So a subject of n lessons is taught to form f
// in n lessons on end, and a teacher who has every k-th form is free in time
// when 2k ≥ n. Walking the ring in steps of 23 lessons then spreads the blocks.
func makeClasses(pupils []pupil, staff []member) []class {
	var classes []class
	tutors := teachers(staff, "")
	for f, form := range forms(pupils) {
		members, years := membersOf(pupils, form)
		base := class{id: strings.ToLower(form), title: form, code: form, kind: "homeroom", year: years, room: fmt.Sprintf("R%02d", f+1),
			teacher: tutors[f], pupils: members}
		classes = append(classes, base)
		first := 0
		for _, s := range subjects {
			c := base
			c.id, c.title, c.code = base.id+"-"+strings.ToLower(s.code), form+" "+s.title, form+"/"+s.code
			c.kind, c.course = "scheduled", courseID(s)
			c.teacher = teachers(staff, s.code)[f%s.teachers]
			c.periods = periods(first+f*slotsPerForm, s.lessons)
			classes = append(classes, c)
			first += s.lessons
		}
	}
	return classes
}

// periods names n lessons from place first of the ring on, like A-Mon-1.
func periods(first, n int) []string {
	var at []int
	for i := range n {
		at = append(at, (first+i)%slots*slotsPerStep%slots)
	}
	slices.Sort(at)
	names := make([]string, n)
	for i, slot := range at {
		week, day, lesson := slot/(slots/2), slot/lessonsADay%daysAWeek, slot%lessonsADay
		names[i] = fmt.Sprintf("%c-%s-%d", "AB"[week], [...]string{"Mon", "Tue", "Wed", "Thu", "Fri"}[day], lesson+1)
	}
	return names
}

// forms lists the forms in the order of their first pupils.
func forms(pupils []pupil) []string {
	var list []string
	for _, p := range pupils {
		if !slices.Contains(list, p.form) {
			list = append(list, p.form)
		}
	}
	return list
}

func membersOf(pupils []pupil, form string) (ids []string, years string) {
	var list []string
	for _, p := range pupils {
		if p.form == form {
			ids, list = append(ids, p.id), append(list, grade(p.year))
		}
	}
	return ids, strings.Join(slices.Compact(list), ",")
}

// teachers lists who teaches a subject, or all.
func teachers(staff []member, subject string) []string {
	var ids []string
	for _, m := range staff {
		if m.role == "teacher" && (subject == "" || m.subject == subject) {
			ids = append(ids, m.id)
		}
	}
	return ids
}

func courseID(s subject) string { return "course-" + strings.ToLower(s.code) }

// grade writes a year as the standard's lists have it: 07. The year before the
// first is R.
func grade(year int) string {
	if year == 0 {
		return "R"
	}
	text := strconv.Itoa(year)
	return strings.Repeat("0", 2-len(text)) + text
}
