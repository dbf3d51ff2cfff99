package generate

import (
	"fmt"
	"strings"
)

// export writes what a school's information system exports.
func (s school) export(pupils []pupil, staff []member, classes []class) map[string][]byte {
	return map[string][]byte{
		"oneroster/manifest.csv":         s.manifest(),
		"oneroster/orgs.csv":             s.orgs(),
		"oneroster/academicSessions.csv": sessions(),
		"oneroster/courses.csv":          s.courses(),
		"oneroster/classes.csv":          s.classTable(classes),
		"oneroster/users.csv":            s.users(pupils, staff),
		"oneroster/enrollments.csv":      s.enrolments(classes),
	}
}

func (s school) manifest() []byte {
	t := newTable("propertyName", "value")
	t.add("manifest.version", "1.0")
	t.add("oneroster.version", "1.1")
	for _, f := range []struct{ name, state string }{
		{"academicSessions", "bulk"}, {"categories", "absent"}, {"classes", "bulk"}, {"classResources", "absent"}, {"courses", "bulk"},
		{"courseResources", "absent"}, {"demographics", "absent"}, {"enrollments", "bulk"}, {"lineItems", "absent"}, {"orgs", "bulk"},
		{"resources", "absent"}, {"results", "absent"}, {"users", "bulk"},
	} {
		t.add("file."+f.name, f.state)
	}
	t.add("source.systemName", s.system)
	t.add("source.systemCode", s.id)
	return t.bytes()
}

func (s school) orgs() []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId")
	t.add("trust", "", "", s.trust, "district", "", "")
	t.add(s.id, "", "", s.name, "school", "", "trust")
	return t.bytes()
}

func sessions() []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear")
	t.add("year-2026", "", "", "School year 2026/27", "schoolYear", "2026-09-01", "2027-07-22", "", "2027")
	t.add("autumn-2026", "", "", "Autumn term", "term", "2026-09-01", "2026-12-19", "year-2026", "2027")
	t.add("spring-2027", "", "", "Spring term", "term", "2027-01-04", "2027-03-26", "year-2026", "2027")
	t.add("summer-2027", "", "", "Summer term", "term", "2027-04-12", "2027-07-22", "year-2026", "2027")
	return t.bytes()
}

func (s school) courses() []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects", "subjectCodes")
	t.add("course-tutor", "", "", "year-2026", "Tutor time", "Tu", s.grades, s.id, "", "")
	for _, taught := range s.subjects {
		t.add(courseID(taught), "", "", "year-2026", taught.title, taught.code, s.grades, s.id, taught.title, "")
	}
	return t.bytes()
}

func (s school) classTable(classes []class) []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "title", "grades", "courseSourcedId", "classCode", "classType", "location",
		"schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods")
	for _, c := range classes {
		course := c.course
		if course == "" {
			course = "course-tutor"
		}
		t.add(c.id, "", "", c.title, c.year, course, c.code, c.kind, c.room, s.id, "autumn-2026,spring-2027,summer-2027", "", "", strings.Join(c.periods, ","))
	}
	return t.bytes()
}

func (s school) users(pupils []pupil, staff []member) []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "enabledUser", "orgSourcedIds", "role", "username", "userIds", "givenName", "familyName",
		"middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password")
	n := 0
	add := func(id, role string, who name, grades string) {
		n++
		user := strings.ToLower(id)
		t.add(id, "", "", "true", s.id, role, user, "", who.given, who.family, "", "", user+"@"+s.id+".example.org", "", "", "", grades,
			fmt.Sprintf("%s-password-%04d", s.id, n))
	}
	for _, m := range staff {
		add(m.id, m.role, m.name, "")
	}
	for _, p := range pupils {
		add(p.id, "student", p.name, grade(p.year))
	}
	return t.bytes()
}

func (s school) enrolments(classes []class) []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate")
	n := 0
	add := func(class, user, role, primary string) {
		n++
		t.add(fmt.Sprintf("e%05d", n), "", "", class, s.id, user, role, primary, "", "")
	}
	for _, c := range classes {
		add(c.id, c.teacher, "teacher", "true")
		for _, p := range c.pupils {
			add(c.id, p, "student", "false")
		}
	}
	return t.bytes()
}
