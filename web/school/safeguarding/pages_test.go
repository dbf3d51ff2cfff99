package safeguarding

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// only is the one file there is, as the lead sees it.
func (a *academy) only(t *testing.T) concern.File {
	t.Helper()
	list := a.book.Files(by(roles.DSL))
	if len(list) != 1 {
		t.Fatalf("%d files", len(list))
	}
	return list[0]
}

// One button: the hold stands, the file is open, and whoever pressed it is told what
// to do and nothing of the file.
func TestOneTapOnAPage(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler, "teacher")
	v.Says("/concern?q=amis", "Peter Amis", `href="/concern?person=p-one"`)
	v.Says("/concern?person=p-one", "It may involve an indecent image", "Describe the concern, not the image", "You have the device")
	next := v.Sent("/concern", url.Values{"person": {"p-one"}, "category": {"imagery"}, "device": {"hand"}})
	f := a.only(t)
	if !strings.HasPrefix(next, "/concern/raised?case=") || len(f.Items) != 1 || !f.Is("p-one") || len(a.bars.Standing()) != 1 {
		t.Errorf("led to %s, the file is %+v", next, f)
	}
	text := v.Page(http.StatusOK, next)
	kittest.Has(t, next, text, "The safeguarding lead has been told", "behind an evidence door", "/confiscated/"+f.Cases[0])
	if strings.Contains(text, f.ID) || strings.Contains(text, "S-") {
		t.Error("the teacher is told of the file")
	}
	a.setup.Evidence = nil
	kittest.Has(t, "without evidence doors", v.Page(http.StatusOK, next), "locked away in the safe", "-evidence door")
	v.Page(http.StatusForbidden, "/safeguarding/"+f.ID)
	v.Sent("/concern", url.Values{"person": {"p-two"}, "category": {"imagery"}, "device": {"door"}})
	if bars := a.bars.Standing(); len(bars) != 2 || bars[1].On.Person != "p-two" {
		t.Errorf("behind a door: %+v", bars)
	}
	v.Says("/concern?person=p-two", "Bank A, door 12", "stays shut for everybody")
}

// A governor, who finds no pupil by name, raises no concern about one by number either:
// a pupil's door stays as it is.
func TestNoWayToAPupil(t *testing.T) {
	a := newAcademy(t)
	chair := kittest.Visit(t, a.handler, "chair")
	for _, device := range []string{"door", "hand", "none"} {
		text := chair.Answer(http.StatusUnprocessableEntity, "/concern", url.Values{"person": {"p-two"}, "category": {"imagery"}, "device": {device}})
		kittest.Has(t, device, text, "Nobody of that number is known here.")
	}
	if bars, files := a.bars.Standing(), a.book.Files(by(roles.DSL)); len(bars)+len(files) > 0 {
		t.Errorf("held: %+v, files: %+v", bars, files)
	}
	chair.Sent("/concern", url.Values{"person": {"s-teacher"}, "category": {"allegation"}, "device": {"none"}})
}

// Nothing anywhere takes a file or shows an image.
func TestNothingTakesAFile(t *testing.T) {
	a := newAcademy(t)
	kittest.Visit(t, a.handler, "teacher").Sent("/concern", url.Values{"person": {"p-one"}, "category": {"imagery"}, "device": {"hand"}})
	base := "/safeguarding/" + a.only(t).ID
	lead := kittest.Visit(t, a.handler, "dsl")
	pages := []string{"/concern", "/concern?person=p-one", "/safeguarding", base, base + "/print"}
	for what := range works {
		if what != "acknowledge" {
			pages = append(pages, base+"/do/"+what)
		}
	}
	bad := regexp.MustCompile(`type="file"|multipart|<img|<video|capture=`)
	for _, page := range pages {
		if found := bad.FindString(lead.Page(http.StatusOK, page)); found != "" {
			t.Errorf("%s has %s", page, found)
		}
	}
}

// The lead works on a file from the first to the last line, all on pages.
func TestWorkOnAFile(t *testing.T) {
	a := newAcademy(t)
	kittest.Visit(t, a.handler, "teacher").Sent("/concern", url.Values{"person": {"p-three"}, "category": {"bullying"}, "device": {"none"}, "text": {"A group chat"},
		"power": {"on"}, "locked": {"yes"}, "percent": {"62 %"}})
	f := a.only(t)
	base := "/safeguarding/" + f.ID
	lead := kittest.Visit(t, a.handler, "dsl")
	lead.Says("/safeguarding", "Nobody has it in hand yet (1)", "Cyberbullying", "Sana Iqbal (9B)")
	lead.Sent(base+"/do/acknowledge", nil)
	lead.Says("/safeguarding", "Open (1)", "dsl has it in hand")
	lead.Says(base, "A group chat", "Risk assessment", "The behaviour policy")
	text := lead.Answer(http.StatusUnprocessableEntity, base+"/do/close", url.Values{"outcome": {"resolved"}, "said": {"Talked"}})
	kittest.Has(t, "closing", text, "Still open: Risk assessment")
	step := base + "/do/step?step=" + f.Category.Steps()[0].ID
	kittest.Has(t, "a step not yet chosen", lead.Page(http.StatusOK, step), "- checked>")
	kittest.Has(t, "a button pressed too soon", lead.Answer(http.StatusUnprocessableEntity, step, url.Values{"until": {"2026-12-01"}}), "It is not said how far it is.")
	for n, s := range f.Category.Steps() {
		form := url.Values{"state": {"done"}, "ref": {"R-" + s.ID}}
		if n == 0 {
			form = url.Values{"state": {"not-needed"}, "why": {"nobody is in danger"}}
		}
		lead.Sent(base+"/do/step?step="+s.ID, form)
	}
	kittest.Has(t, "a step to change", lead.Page(http.StatusOK, step), " checked>", "nobody is in danger")
	lead.Sent(base+"/do/entry", url.Values{"kind": {"lessons"}, "text": {"Talk to 9B"}})
	lead.Sent(base+"/do/plan", url.Values{"what": {"Lesson in 9B"}, "owner": {"Mx Reed"}, "due": {"2026-12-01"}})
	text = lead.Page(http.StatusOK, base)
	kittest.Has(t, "the file", text, "Not needed: Risk assessment", "Because nobody is in danger", "Reference R-support", "Talk to 9B", "Lesson in 9B", "Mx Reed, by Tue 1 Dec 2026")
	f = a.only(t)
	lead.Sent(base+"/do/did?action="+number(f.Actions[0].N), url.Values{"came": {"Taught"}})
	lead.Sent(base+"/do/correct?entry=1", url.Values{"text": {"It was two chats"}})
	lead.Sent(base+"/do/sort?q=amis", url.Values{"category": {"hate"}, "area": {"conduct"}, "about": {"p-one"}})
	for _, s := range []string{"police", "est"} {
		if text := lead.Page(http.StatusOK, base); !strings.Contains(text, `id="step-`+s) {
			t.Errorf("online hate has no %s", s)
		}
		lead.Sent(base+"/do/step?step="+s, url.Values{"state": {"done"}, "ref": {"46/1"}})
	}
	lead.Sent(base+"/do/close", url.Values{"outcome": {"referred"}, "said": {"The police go on"}})
	lead.Says(base, "Referred to another agency", "Reopen the file", "Correction", "Peter Amis (9B)")
	lead.Says(base+"/print", "Confidential", "It was two chats", "Who has read it")
	var out exported
	if err := json.Unmarshal([]byte(lead.Page(http.StatusOK, base+"/export/json")), &out); err != nil || out.Reference != f.Ref() || len(out.Checklist) < 8 || out.About[1].Name != "Peter Amis (9B)" || out.Seized.Percent != 62 {
		t.Errorf("exported %+v, %v", out, err)
	}
	kittest.Has(t, "csv", lead.Page(http.StatusOK, base+"/export/csv"), "entry,time,by,what", "It was two chats")
	lead.Says("/safeguarding", "Closed (1)", "Online hate", "Nothing on record of:")
}

// Every entry of the chronology has its own way to a correction, whoever read the file
// in between: a look is an entry too, and nothing there is to be corrected.
func TestCorrectTheEntryItStandsBeside(t *testing.T) {
	a := newAcademy(t)
	kittest.Visit(t, a.handler, "teacher").Sent("/concern", url.Values{"person": {"p-three"}, "category": {"bullying"}, "device": {"none"}, "text": {"A group chat"}})
	base := "/safeguarding/" + a.only(t).ID
	lead := kittest.Visit(t, a.handler, "dsl")
	lead.Page(http.StatusOK, base)
	lead.Page(http.StatusOK, base)
	lead.Sent(base+"/do/entry", url.Values{"kind": {"note"}, "text": {"Spoke with 9B"}})
	page := lead.Page(http.StatusOK, base)
	var got []string
	for _, m := range regexp.MustCompile(`/do/correct\?entry=(\d+)`).FindAllStringSubmatch(page, -1) {
		got = append(got, m[1])
	}
	var want []string
	for _, e := range a.only(t).Entries {
		if e.Record != concern.KindLooked {
			want = append(want, number(e.N))
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") || len(want) != 2 {
		t.Errorf("ways to correct %v, want %v", got, want)
	}
	lead.Says(base+"/do/correct?entry="+want[1], "Entry "+want[1], "Spoke with 9B")
}

// A head whom a file is about sees none; the chair and the lead have the way that
// is open.
func TestAboutTheHead(t *testing.T) {
	a := newAcademy(t)
	kittest.Visit(t, a.handler, "it").Sent("/concern", url.Values{"person": {"s-head"}, "category": {"allegation"}, "device": {"none"}, "text": {"zebra"}})
	base := "/safeguarding/" + a.only(t).ID
	for _, who := range []string{"dsl", "chair"} {
		v := kittest.Visit(t, a.handler, who)
		v.Says(base, "zebra", "chair of governors works on it with you", "LADO")
		v.Says("/safeguarding", "An allegation about a member of staff")
	}
	head := kittest.Visit(t, a.handler, "head")
	head.Page(http.StatusNotFound, base)
	if text := head.Page(http.StatusOK, "/safeguarding"); strings.Contains(text, "zebra") || strings.Contains(text, "S-") {
		t.Error("the head sees it")
	}
}

// What staff are told to do with a device, and what a file says, is the school's own
// rule: the product has no advice of its own.
func TestPagesFollowTheRules(t *testing.T) {
	policytest.Watch(t, policy.Default(), func(r policy.Rules) string { return r.Seizure.Advice() }, "seizure_advice")
	policytest.Watch(t, policy.Default(), func(r policy.Rules) string {
		var text strings.Builder
		for _, f := range guides(r, concern.Bullying) {
			text.WriteString(f.Key + f.Value)
		}
		return text.String()
	}, "vulnerable_pupil_lead", "roles.online_safety_lead", "linked_policies", "cyberbullying_policy")
	text := policy.Default().Seizure.Advice()
	for _, word := range []string{"switch", "off", "power", "charge"} {
		if strings.Contains(strings.ToLower(text), word) {
			t.Errorf("without a rule of the school's it says %q", text)
		}
	}
	if !strings.Contains(text, "asks the force") {
		t.Errorf("it says %q", text)
	}
}

// The start page says that a concern waits, and nothing of it, until somebody has it.
func TestTasksSayNothingOfIt(t *testing.T) {
	a := newAcademy(t)
	f, err := a.book.Raise(t.Context(), by(roles.Teacher), concern.Raised{Category: concern.Allegation, About: []string{"s-head"}, Text: "zebra",
		Device: concern.Device{In: concern.InHand, What: desk.Phone, Zone: desk.Elsewhere}})
	if err != nil {
		t.Fatal(err)
	}
	tasks := a.config.Tasks()
	if len(tasks) != 1 || tasks[0].Permission != roles.Safeguard || !tasks[0].Grave || strings.Contains(tasks[0].What+tasks[0].Next, "zebra") || strings.Contains(tasks[0].What, "head") {
		t.Errorf("%+v", tasks)
	}
	apart := a.config
	apart.Book = a.book.For("s-head")
	if tasks := apart.Tasks(); len(tasks) != 0 {
		t.Errorf("the head is told: %+v", tasks)
	}
	if err := a.book.Acknowledge(t.Context(), by(roles.DSL), f.ID); err != nil || len(a.config.Tasks()) != 0 {
		t.Errorf("%v, %+v", err, a.config.Tasks())
	}
}

// An action is late from the morning after its day.
func TestActionIsLateTheNextDay(t *testing.T) {
	a := newAcademy(t)
	kittest.Visit(t, a.handler, "teacher").Sent("/concern", url.Values{"person": {"p-three"}, "category": {"bullying"}, "device": {"none"}, "text": {"A group chat"}})
	base := "/safeguarding/" + a.only(t).ID
	lead := kittest.Visit(t, a.handler, "dsl")
	lead.Sent(base+"/do/plan", url.Values{"what": {"Lesson in 9B"}, "owner": {"Mx Reed"}, "due": {a.now.Format(time.DateOnly)}})
	for days, late := range []bool{false, true} {
		a.now = lesson.AddDate(0, 0, days)
		plan := regexp.MustCompile(`(?s)Lesson in 9B.*?</li>`).FindString(lead.Page(http.StatusOK, base))
		if strings.Contains(plan, "<strong>Late</strong>") != late {
			t.Errorf("%d days after: %s", days, plan)
		}
	}
}
