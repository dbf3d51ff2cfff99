package help

import (
	"github.com/bellkeep/bellkeep/internal/school/policy"
	signs "github.com/bellkeep/bellkeep/web/school/policy"
)

// Route is what somebody does about one kind of worry.
type Route struct {
	When, Do string
	Staff    bool // of concern to staff alone
	Poster   bool // it stands on the poster for pupils
}

// Routes are how concerns are told, as they follow from a school's rules. Outside
// bodies are those of England; the school's own words come before them on the page.
func Routes(r policy.Rules) []Route {
	return []Route{
		{When: "You are worried about something online", Do: "Tell a grown-up you trust at school or at home. It is never too late, and you are not in trouble for telling.", Poster: true},
		{When: "A site appears that should not", Do: signs.UnsuitableSite(r), Poster: true},
		{When: "Somebody is bullied online", Do: "Tell a member of staff. The school goes by its " + string(r.Cyberbullying) + " policy.", Poster: true},
		{When: "Somebody wants to meet you, frightens you, or asks for pictures", Do: "Report it to CEOP, " + signs.CEOP(r) + ".", Poster: true},
		{When: "A picture of a child without clothes is passed on", Do: "Tell the safeguarding lead at once. Do not look at it, keep it or send it on. A child can have a picture of themselves taken off the internet with Report Remove, by Childline and the Internet Watch Foundation."},
		{When: "You find sexual abuse of children online", Do: "Report it to the Internet Watch Foundation: report.iwf.org.uk. Do not send anybody the address."},
		{When: "Somebody is hated online for who they are", Do: "Tell a member of staff. Outside school it is reported to the police, at report-it.org.uk."},
		{When: "Somebody is in danger now", Do: "Call 999. Otherwise the police are 101.", Poster: true},
		{When: "A pupil needs somebody to talk to, now", Do: "Childline: 0800 1111, by day and night.", Poster: true},
		{When: "A pupil has needs of their own", Do: "Speak to the " + string(r.VulnerableLead) + "."},
		{When: "You have a complaint", Do: "The office gives you the school’s complaints procedure. It is for pupils, parents and staff."},
		{When: "Something is wrong in the school itself", Do: "The school’s whistleblowing procedure protects whoever speaks. Tell the headteacher; about the headteacher, tell the chair of governors. Outside the school: the NSPCC’s whistleblowing advice line, and the local authority’s designated officer for allegations against staff.", Staff: true},
		{When: "A pupil tells you something, or you see a concern online", Do: "Listen, promise no secrecy, and tell the safeguarding lead the same day, before anybody else. In danger, call 999 first.", Staff: true},
	}
}
