package concern

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// Category is what sort of concern a file is about.
type Category string

// The categories.
const (
	Imagery        Category = "imagery"        // nude or indecent imagery made by pupils
	Abuse          Category = "abuse"          // child sexual abuse or exploitation
	Indecent       Category = "indecent"       // indecent images of children
	Allegation     Category = "allegation"     // about a member of staff
	Exposure       Category = "exposure"       // somebody saw something by accident
	Bullying       Category = "bullying"       // cyberbullying
	Hate           Category = "hate"           // online hate
	Radicalisation Category = "radicalisation" // radicalisation or extremism
	Safeguarding   Category = "safeguarding"   // any other safeguarding concern
	Incident       Category = "incident"       // a breach or incident without a safeguarding concern
)

// Categories are all of them, in the order they are offered.
var Categories = []Category{Imagery, Indecent, Abuse, Allegation, Exposure, Bullying, Hate, Radicalisation, Safeguarding, Incident}

// Words is the category for people.
func (c Category) Words() string { return sorts[c].words }

// Secret reports whether copies are deleted only once the agencies allow it, and no
// search record of a look at content is made but by the safeguarding lead.
func (c Category) Secret() bool { return sorts[c].clear != "" }

// Area is how an incident online is sorted.
type Area string

// The areas, and none.
const (
	NoArea  Area = ""
	Content Area = "content" // what somebody saw
	Contact Area = "contact" // who got at somebody
	Conduct Area = "conduct" // what somebody did
)

// Areas are all of them.
var Areas = []Area{Content, Contact, Conduct}

// Words is the area for people.
func (a Area) Words() string {
	return map[Area]string{NoArea: "Not online, or not sorted yet", Content: "Content: what somebody saw", Contact: "Contact: who got at somebody", Conduct: "Conduct: what somebody did"}[a]
}

// Step is one line of a category's checklist.
type Step struct {
	ID   string
	Text string
	Due  time.Duration // after the file was opened; 0 for no clock
}

// sort is what a category brings with it.
type sort struct {
	words string
	hears func(policy.Notify) []policy.Hears // who is told of it by the school's rules
	steps []string
	clear string // the step without which no copy is deleted, "" where deletion is no matter
}

// The clocks of steps.
const (
	atOnce   = time.Hour
	inADay   = 24 * time.Hour
	inAWeek  = 7 * 24 * time.Hour
	inAMonth = 28 * 24 * time.Hour
)

// steps are all lines that a checklist may have.
var steps = []Step{
	{"police", "Police told: 999 if a child is in danger now, else 101", atOnce},
	{"childrens-services", "Referred to children’s services of the local authority", inADay},
	{"lado", "The local authority’s designated officer (LADO) told", inADay},
	{"est", "In doubt: the Education Safeguarding Team or the police asked what to do next", inADay},
	{"ask-first", "Police or the Education Safeguarding Team asked before anybody outside the school is told", inADay},
	{"iwf", "Addresses reported to the Internet Watch Foundation (IWF)", inADay},
	{"ceop", "Reported to CEOP", inADay},
	{"cse-team", "What may point to exploitation given to the Child Sexual Exploitation Team", inADay},
	{"head", "Headteacher told; where it is about the head, the chair of governors", atOnce},
	{"isolate", "Images on school systems and devices blocked and isolated, nobody has access", atOnce},
	{"quarantine", "School device in quarantine until the police advise", atOnce},
	{"police-advice", "Police advice on the device and on every copy, in writing", inAWeek},
	{"agencies", "Confirmed that no other agency needs what is on the device", inAWeek},
	{"risk", "Risk assessment: how vulnerable the pupils are, checked with agencies", inADay},
	{"parents", "Parents or carers told by a person, where that is right", inADay},
	{"support", "Support for the pupils arranged", inAWeek},
	{"sanctions", "Sanctions decided under the behaviour policy, without more harm to a victim", inAWeek},
	{"conduct", "Action decided under the staff behaviour policy and code of conduct", inAWeek},
	{"action", "What was done about it", inAWeek},
	{"review", "How it was handled reviewed, lessons written down", inAMonth},
}

// sorts are what the categories ask for.
var sorts = map[Category]sort{
	Imagery: {"Nude or indecent imagery among pupils", illegal,
		[]string{"isolate", "risk", "police", "childrens-services", "parents", "support", "sanctions", "agencies", "review"}, "agencies"},
	Indecent: {"Indecent images of children", illegal,
		[]string{"police", "quarantine", "childrens-services", "iwf", "est", "head", "lado", "risk", "parents", "support", "police-advice", "review"}, "police-advice"},
	Abuse: {"Child sexual abuse or exploitation", illegal,
		[]string{"police", "ask-first", "risk", "childrens-services", "ceop", "cse-team", "est", "parents", "support", "police-advice", "review"}, "police-advice"},
	Allegation: {"An allegation about a member of staff", func(n policy.Notify) []policy.Hears { return n.Staff },
		[]string{"head", "lado", "police", "police-advice", "conduct", "support", "review"}, "police-advice"},
	Exposure: {"Something seen by accident", func(n policy.Notify) []policy.Hears { return n.Safeguarding },
		[]string{"iwf", "police-advice", "risk", "parents", "support", "review"}, "police-advice"},
	Bullying: {"Cyberbullying", func(n policy.Notify) []policy.Hears { return n.Concern },
		[]string{"risk", "action", "parents", "support", "sanctions", "police", "review"}, ""},
	Hate: {"Online hate", func(n policy.Notify) []policy.Hears { return n.Concern },
		[]string{"risk", "police", "est", "action", "parents", "support", "review"}, ""},
	Radicalisation: {"Radicalisation or extremism", func(n policy.Notify) []policy.Hears { return n.Safeguarding },
		[]string{"head", "police", "childrens-services", "est", "risk", "parents", "support", "review"}, ""},
	Safeguarding: {"Another safeguarding concern", func(n policy.Notify) []policy.Hears { return n.Safeguarding },
		[]string{"risk", "childrens-services", "est", "parents", "support", "review"}, ""},
	Incident: {"An incident or a breach of the rules", func(n policy.Notify) []policy.Hears { return n.Breach },
		[]string{"action", "parents", "review"}, ""},
}

func illegal(n policy.Notify) []policy.Hears { return n.Illegal }

// Steps are a category's checklist.
func (c Category) Steps() []Step {
	var list []Step
	for _, id := range sorts[c].steps {
		s, _ := StepOf(id)
		list = append(list, s)
	}
	return list
}

// StepOf finds a line of the checklists.
func StepOf(id string) (Step, bool) {
	n := slices.IndexFunc(steps, func(s Step) bool { return s.ID == id })
	if n < 0 {
		return Step{}, false
	}
	return steps[n], true
}

// known reports whether c is a category.
func (c Category) known() bool { return slices.Contains(Categories, c) }
