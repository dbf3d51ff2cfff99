package policy

import (
	"fmt"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Warning is something about the rules that a person should look at. The rules
// are in force all the same.
type Warning struct {
	Key        string // the rule it is about
	Text, Next string
}

// Warnings looks the rules over as of today.
func Warnings(r Rules, today school.Date) []Warning {
	var list []Warning
	warn := func(key, text, next string) { list = append(list, Warning{key, text, next}) }
	if r.Review.Next.Over(today) {
		warn("review.next", fmt.Sprintf("The policy was due for review in %s %d.", r.Review.Next.Month, r.Review.Next.Year), "Review it and enter the next date.")
	}
	if r.Review.Contradictory {
		warn("review.contradictory", "The policy gives more than one interval for its own review.", fmt.Sprintf("Decide on one. Bellkeep goes by %d months and the date above.", r.Review.Months))
	}
	if why := staleLaw(r.DPLaw); why != "" {
		warn("dp_law_text", why, "The policy should name the UK GDPR and the Data Protection Act 2018. It is quoted as the school wrote it until then.")
	}
	if r.GuidanceYear < schoolYear(today) {
		warn("kcsie_year", fmt.Sprintf("The policy is linked to the %d edition; there is a newer one each September.", r.GuidanceYear), "Read the newest edition and enter its year.")
	}
	if r.GovernorMeetings == 0 {
		warn("dsl_governor_meetings_per_year_min", "The policy does not say how often the safeguarding lead meets the governor.", "Agree on a number, such as two a year.")
	}
	if r.Roles.DSL == IsHead {
		warn("roles.dsl", "The headteacher is also the safeguarding lead: one person.", "A hold is ended by the headteacher and "+r.HoldEnd.Second.Words()+". An allegation about the headteacher goes to the chair of governors.")
	}
	if r.Curriculum != NoCurriculum && r.Jurisdiction == England {
		warn("curriculum_activity", "National guidance asks for no phones in lessons. The policy allows them.", "Each approval says why the school departs from the guidance.")
	}
	if r.ReleaseTo == ToPupil {
		warn("confiscated_release_to", "Confiscated devices go to the pupil.", "Check that the policy parents were given says so.")
	}
	if len(r.Search.Statutory) > 0 && r.Jurisdiction != England {
		warn("search.statutory", "Searching without consent is set out for England only.", "Ask which law applies here.")
	}
	return list
}

// Words names an approver inside a sentence: the headteacher.
func (a Approver) Words() string {
	for _, name := range []string{"hold_end_approvers.first", "hold_end_approvers.second"} {
		if k, _ := Find(name); offered(k.Options, string(a)) {
			words := k.words(string(a))
			return strings.ToLower(words[:1]) + words[1:]
		}
	}
	return string(a)
}

// staleLaw says what is wrong with a policy that names law of the past.
func staleLaw(text string) string {
	upper := strings.ToUpper(text)
	switch {
	case strings.Contains(upper, "1998"):
		return "The policy names a law that ended in 2018."
	case strings.Contains(upper, "GDPR") && !strings.Contains(upper, "UK GDPR"):
		return "The policy names the EU’s GDPR, which the UK GDPR has replaced."
	}
	return ""
}

// schoolYear is the year in which today's school year began.
func schoolYear(today school.Date) int {
	if today.Month < 9 {
		return today.Year - 1
	}
	return today.Year
}

// Contradictions are values that cannot stand together: rules with one are
// refused.
func Contradictions(r Rules) []Warning {
	var list []Warning
	if string(r.HoldEnd.First) == string(r.HoldEnd.Second) || r.Roles.DSL == IsHead && r.HoldEnd.First == ApproverHead && r.HoldEnd.Second == ApproverDSL {
		list = append(list, Warning{"hold_end_approvers.second", "The two who end a hold would be one person.", "Name somebody else as the second, such as the deputy safeguarding lead."})
	}
	return list
}
