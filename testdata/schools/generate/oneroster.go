package generate

import (
	"fmt"
	"strings"
)

func manifest() []byte {
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
	t.add("source.systemName", "Elmfield, a fictional school")
	t.add("source.systemCode", "elmfield")
	return t.bytes()
}

func orgs() []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId")
	t.add("trust", "", "", "Three Elms Learning Trust", "district", "", "")
	t.add(orgID, "", "", "Elmfield Academy", "school", "", "trust")
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

const allGrades = "07,08,09,10,11"

func courses() []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects", "subjectCodes")
	t.add("course-tutor", "", "", "year-2026", "Tutor time", "Tu", allGrades, orgID, "", "")
	for _, s := range subjects {
		t.add(courseID(s), "", "", "year-2026", s.title, s.code, allGrades, orgID, s.title, "")
	}
	return t.bytes()
}

func classTable(classes []class) []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "title", "grades", "courseSourcedId", "classCode", "classType", "location",
		"schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods")
	for _, c := range classes {
		course := c.course
		if course == "" {
			course = "course-tutor"
		}
		t.add(c.id, "", "", c.title, c.year, course, c.code, c.kind, c.room, orgID, "autumn-2026,spring-2027,summer-2027", "", "", strings.Join(c.periods, ","))
	}
	return t.bytes()
}

func users(pupils []pupil, staff []member) []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "enabledUser", "orgSourcedIds", "role", "username", "userIds", "givenName", "familyName",
		"middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password")
	n := 0
	add := func(id, role string, who name, grades string) {
		n++
		user := strings.ToLower(id)
		t.add(id, "", "", "true", orgID, role, user, "", who.given, who.family, "", "", user+"@elmfield.example.org", "", "", "", grades,
			fmt.Sprintf("%s%04d", dummyPassword, n))
	}
	for _, m := range staff {
		add(m.id, m.role, m.name, "")
	}
	for _, p := range pupils {
		add(p.id, "student", p.name, grade(p.year))
	}
	return t.bytes()
}

func enrolments(classes []class) []byte {
	t := newTable("sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate")
	n := 0
	add := func(class, user, role, primary string) {
		n++
		t.add(fmt.Sprintf("e%05d", n), "", "", class, orgID, user, role, primary, "", "")
	}
	for _, c := range classes {
		add(c.id, c.teacher, "teacher", "true")
		for _, p := range c.pupils {
			add(c.id, p, "student", "false")
		}
	}
	return t.bytes()
}
