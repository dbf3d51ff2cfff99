package policy

import (
	"net/http"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/labstack/echo/v4"
)

// Sign is a text to put up or to go by, made of the rules.
type Sign struct {
	Title string
	For   Readers
	Lines []string
}

// Readers are whom a sign is for.
type Readers string

// The readers.
const (
	Pupils   Readers = "Pupils"
	Office   Readers = "The office"
	Staff    Readers = "Staff"
	Visitors Readers = "Visitors"
)

func (o *pages) signs(c echo.Context) error {
	v, _ := o.inForce()
	return o.Page(c, http.StatusOK, "policy-signs", "Signs and scripts", Signs(v.Rules))
}

// Signs are the texts that follow from rules. A sign for visitors is among them
// only where the rules ask for one.
func Signs(r policy.Rules) []Sign {
	list := []Sign{
		{"Phones at school", Pupils, pupils(r)},
		{"When a pupil needs to call home", Office, []string{callHome(r),
			"Parents who want to reach their child call the office. Nobody needs a phone for that.", contact(r)}},
		{"Your own phone", Staff, staff(r)},
		{"A device that may be evidence", Staff, evidence(r)},
	}
	if r.VisitorSignage == policy.Required {
		list = append(list, Sign{"Welcome", Visitors, []string{
			"Please keep your phone away and silent while you are here.",
			"Please take no photos or films, and do not use a phone where pupils are.",
			"If you need to make a call, ask at the office."}})
	}
	return list
}

func pupils(r policy.Rules) []string {
	lines := []string{map[policy.DepositPoint]string{
		policy.AtBank:   "Hand your phone in at the lockers each morning.",
		policy.AtOffice: "Hand your phone in at the school office each morning.",
		policy.AtClass:  "Give your phone to your class teacher each morning.",
	}[r.DepositPoint]}
	if r.OffRule == policy.OffOnSite {
		lines = append(lines, "Switch it off before you come through the gate.")
	}
	lines = append(lines, map[policy.CollectRule]string{
		policy.AfterSchool: "You get it back after school, not before.",
		policy.EndOfDay:    "You get it back at the end of the school day.",
	}[r.CollectRule])
	lines = append(lines, "No phone in changing rooms, toilets or pools, and none in an exam: an exam may be lost for it.",
		"Your phone is your own responsibility. Look after it; the school does not answer for loss or damage.",
		UnsuitableSite(r), "You can report abuse yourself, "+CEOP(r)+".")
	switch r.ReleaseTo {
	case policy.ToPupil:
		return append(lines, "A phone that is taken from you comes back to you when your parents have been told.")
	default:
		return append(lines, "A phone that is taken from you is given back to a parent or carer, at the end of the day.")
	}
}

// UnsuitableSite is what everybody does when a site appears that should not.
func UnsuitableSite(r policy.Rules) string {
	return "If an unsuitable site appears: " + r.FilterBreach + "."
}

// CEOP is how abuse online is reported to CEOP, as the end of a sentence.
func CEOP(r policy.Rules) string {
	if r.CEOPButton == policy.CEOPVisible {
		return "at ceop.police.uk"
	}
	return "with the CEOP button on the school’s website"
}

func callHome(r policy.Rules) string {
	if r.CallHome == policy.PupilCalls {
		return "The pupil may call on the office phone."
	}
	return "You make the call for the pupil."
}

func contact(r policy.Rules) string {
	if r.ParentContact == policy.Never {
		return "There are no exceptions."
	}
	return "The headteacher decides on exceptions, one by one."
}

func staff(r policy.Rules) []string {
	lines := []string{"Keep your own phone away, and silent or off, in lesson time.", "Turn Bluetooth and AirDrop off in lesson time, unless a hearing aid or a medical device needs them.",
		"Never photograph pupils with your own phone, and never call or write to pupils or parents with it.", "Nobody asks or lets a pupil copy, keep or send an indecent image."}
	if r.StaffLessonUse == policy.WrittenByHead {
		lines = append(lines, "For use in a lesson you need the headteacher’s written permission.")
	} else {
		lines = append(lines, "For use in a lesson you need the headteacher’s permission.")
	}
	if r.SocialMedia == policy.SocialNever {
		return append(lines, "No social media on school devices, and none in working time where children are.")
	}
	return append(lines, "No private social media in school hours, unless the headteacher agrees.")
}

func evidence(r policy.Rules) []string {
	return []string{"Do not look at it, and do not let anybody else.", map[policy.Seizure]string{
		policy.AskPolice:   "Leave it as it is, on or off, and note which. Ask the police what to do.",
		policy.SwitchOff:   "Switch it off and note when.",
		policy.KeepPowered: "Leave it on, put it into flight mode if you can without unlocking it, and note when.",
	}[r.Seizure], "Tell the safeguarding lead at once."}
}
