package devicerules

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// nobody is everybody's name.
type nobody struct{}

func (nobody) Name(string) (string, string, bool) { return "", "", false }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// elmfield is the school of that name: its rules for a few devices, and the pages over them.
type elmfield struct {
	http.Handler
	book    *change.Book
	fleet   *fleet.Book
	now     time.Time
	consent bool
}

var devices = []mdm.Device{
	{ID: "pad-1", Label: "Pad 1", Groups: []string{"trolley-1"}, Platform: "ipad"}, {ID: "pad-2", Groups: []string{"trolley-1"}, Platform: "ipad"},
	{ID: "lap-1", Groups: []string{"library"}, Platform: "linux"}, {ID: "staff-1", Groups: []string{"staff-ipads"}, Platform: "ipad", Flags: []mdm.Flag{mdm.Assistive}},
}

func (s *elmfield) Device(id string) (mdm.Device, bool) {
	for _, d := range devices {
		if d.ID == id {
			return d, true
		}
	}
	return mdm.Device{}, false
}

func (s *elmfield) Exceptions(d mdm.Device, _ time.Time) []mdm.Exception {
	if d.ID != "pad-2" {
		return nil
	}
	return []mdm.Exception{{ID: "e-1", From: monday, Until: monday.Add(time.Hour), Set: mdm.Set{mdm.Camera: mdm.User}}}
}

func open(t testing.TB) *elmfield {
	t.Helper()
	s := &elmfield{now: monday}
	log, err := memlog.New("school", func() time.Time { return s.now })
	must(t, err)
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { must(t, v.Close()) })
	var faults config.Faults
	rules := change.ReadFile("../../../testdata/schools/elmfield/devices.yaml", &faults)
	must(t, faults.Err())
	s.book = change.New(change.Config{Log: log, Vault: v, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: s.now, Trusted: true} },
		Devices: func() []mdm.Device { return devices }, Consent: func() bool { return s.consent }})
	must(t, s.book.Begin(context.Background(), "first-start", rules))
	s.fleet = fleet.New(fleet.Config{Log: log, Vault: v, Stamp: s.book.Stamp, DeviceRules: s.book, Consent: func() bool { return s.consent }})
	must(t, s.fleet.List(context.Background(), "it", devices...))
	k := kittest.Kit(kittest.People(), nobody{}, func() time.Time { return s.now }, nil)
	day := func(at time.Time) []mdm.Period {
		return []mdm.Period{{Kind: mdm.Lesson, Name: "Lesson 1", From: monday, Until: monday.Add(time.Hour)}}
	}
	f, err := Pages(k, Config{Versions: s.book, Requests: s.book, Effects: s.book, Asking: s.book, Deciding: s.book, Moves: s.fleet, Devices: s, Day: day})
	must(t, err)
	s.Handler = kittest.Serve(t, k, f)
	return s
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// filled is what a page's forms would send that somebody has not touched.
func filled(page string) url.Values {
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Add(m[1], strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(m[2]))
	}
	for _, m := range regexp.MustCompile(`<input class="govuk-(?:radios|checkboxes)__input" type="\w+" id="[^"]+" name="([^"]+)" value="([^"]*)" checked>`).FindAllStringSubmatch(page, -1) {
		form.Add(m[1], strings.ReplaceAll(m[2], "&#34;", `"`))
	}
	for _, m := range regexp.MustCompile(`<input class="govuk-input" id="([^"]+)" name="[^"]+" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		form.Set(m[1], m[2])
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(page, -1) {
		form.Set(m[1], m[2])
	}
	return form
}

// A form that nobody touched changes nothing: every value there is can be shown
// and sent.
func TestUntouchedForms(t *testing.T) {
	s := open(t)
	v := kittest.Visit(t, s, "it")
	last, _ := s.book.Last()
	paths := []string{"/device-rules/edit/quarantine/all"}
	for _, p := range last.Rules.Profiles {
		paths = append(paths, "/device-rules/edit/profile/"+p.ID)
	}
	for _, l := range last.Rules.Lists {
		paths = append(paths, "/device-rules/edit/list/"+l.ID)
	}
	for _, g := range last.Rules.Groups {
		paths = append(paths, "/device-rules/edit/group/"+g.ID)
	}
	for _, path := range paths {
		text := v.Answer(http.StatusUnprocessableEntity, path, filled(v.Page(http.StatusOK, path)))
		kittest.Has(t, path, text, "Nothing would change.")
	}
}

// IT asks with a form, a teacher agrees, it is in force, IT rolls it back.
func TestOneChange(t *testing.T) {
	s := open(t)
	v := kittest.Visit(t, s, "it")
	const path = "/device-rules/edit/profile/quiet"
	form := filled(v.Page(http.StatusOK, path))
	form.Set("share", `"user"`)
	check := v.Answer(http.StatusOK, path, form)
	kittest.Has(t, "the check", check, "Check the change", "Library laptops and Trolley 1", "in registration", "in lessons", "AirDrop and sharing nearby", "3 of 4 devices", "Two people review it")
	form = filled(check)
	form.Set("why", "Year 7 shares its films.")
	text := v.Answer(http.StatusUnprocessableEntity, path, form)
	kittest.Has(t, "without its risk", text, "Say what could go wrong", "Year 7 shares its films.")
	form.Set("risk", "Pictures may travel; the teacher looks on.")
	form.Set("from", "soon")
	kittest.Has(t, "no time", v.Answer(http.StatusUnprocessableEntity, path, form), "That is not a day and a time.")
	form.Set("from", "")
	request := v.Sent(path, form)
	v.Says(request, "Waits", "Year 7 shares its films.", "Pictures may travel", "You have had your part in this", "a teacher, the safeguarding lead or the headteacher", "-Agree</button>")
	if _, n := s.book.At(s.now); n != 1 {
		t.Fatalf("version %d is in force", n)
	}
	v.SignIn("teacher")
	v.Says("/device-rules", "Waiting for somebody (1)", "Year 7 shares its films.")
	said := filled(v.Page(http.StatusOK, request))
	said.Set("agree", "no")
	kittest.Has(t, "no words", v.Answer(http.StatusUnprocessableEntity, request+"/educational", said), "Say why.")
	said.Set("agree", "yes")
	said.Set("words-educational", "For one term.")
	kittest.Has(t, "agreed", v.Answer(http.StatusOK, request+"/educational", said), "Published", "For one term.", "version 2")
	rules, n := s.book.At(s.now)
	if n != 2 || rules.Profiles[1].Set[mdm.Share] != mdm.User {
		t.Errorf("version %d: %v", n, rules.Profiles[1])
	}
	v.Says("/device-rules/version/2", "Year 7 shares its films.", "-Undo it")
	if status, _, _ := v.Post("/device-rules/version/2/roll-back", url.Values{"words": {"No."}}); status != http.StatusForbidden {
		t.Errorf("a teacher rolls back: %d", status)
	}
	v.SignIn("it")
	back := filled(v.Page(http.StatusOK, "/device-rules/version/2"))
	kittest.Has(t, "no reason", v.Answer(http.StatusUnprocessableEntity, "/device-rules/version/2/roll-back", back), "Say why.")
	back.Set("words", "Films of others turned up.")
	kittest.Has(t, "rolled back", v.Answer(http.StatusOK, "/device-rules/version/2/roll-back", back), "a rollback by it", "Films of others turned up.", "In force")
	if got, n := s.book.At(s.now); n != 3 || got.Profiles[1].Set[mdm.Share] != mdm.Block {
		t.Errorf("version %d", n)
	}
}

// Lists, groups, new profiles and what quarantine asks are changed by forms too.
func TestOtherForms(t *testing.T) {
	s := open(t)
	v := kittest.Visit(t, s, "it")
	for _, c := range []struct {
		path  string
		set   url.Values
		wrong string // said instead of the check
		says  string
	}{
		{"list/social-sites", url.Values{"items": {"facebook.com\nnew.example"}}, "", "now with new.example"},
		{"list/social-sites", url.Values{"items": {"http://x/"}}, "The list list has the entry", ""},
		{"list/new", url.Values{"id": {"games"}, "items": {"games.example"}}, "", "List games"},
		{"list/new", url.Values{"id": {"social-sites"}, "items": {"a.example"}}, "that no list has yet", ""},
		{"list/social-sites", url.Values{"remove": {"yes"}}, "names the list", ""},
		{"group/new", url.Values{"id": {"year-8"}, "rank": {"3"}}, "", "Group year-8"},
		{"group/library", url.Values{"rank": {"high"}}, "The rank is a whole number.", ""},
		{"group/library", url.Values{"remove": {"yes"}}, "", "Library laptops"},
		{"profile/new", url.Values{"id": {"calm"}, "camera": {`"block"`}, "on-library": {"always"}}, "", "Library laptops"},
		{"profile/new", url.Values{"id": {"Calm"}}, "that no profile has yet", ""},
		{"profile/new", url.Values{"id": {"calm"}, "web": {"only"}}, "Tick at least one list.", ""},
		{"profile/exam", url.Values{"camera": {`"maybe"`}}, "camera cannot be", ""},
		{"profile/exam", url.Values{"remove": {"yes"}}, "", "Profile exam"},
		{"quarantine/all", url.Values{"share": {""}}, "", "in quarantine"},
	} {
		path := "/device-rules/edit/" + c.path
		form := filled(v.Page(http.StatusOK, path))
		for name, values := range c.set {
			form[name] = values
		}
		status := http.StatusOK
		if c.wrong != "" {
			status = http.StatusUnprocessableEntity
		}
		text := v.Answer(status, path, form)
		kittest.Has(t, c.path, text, c.wrong, c.says)
	}
	for _, path := range []string{"/device-rules/edit/profile/none", "/device-rules/edit/door/a", "/device-rules/edit/quarantine/new", "/device-rules/version/9", "/device-rules/version/x",
		"/device-rules/change/c-1", "/device/none/why"} {
		v.Page(http.StatusNotFound, path)
	}
	if n := len(s.book.Requests()); n > 0 {
		t.Errorf("%d requests by looking", n)
	}
}

// Two forms open at once: the second starts again, and a request that was overtaken
// is made anew.
func TestOvertaken(t *testing.T) {
	s := open(t)
	v := kittest.Visit(t, s, "it")
	send := func(path string, set url.Values) (string, url.Values) {
		form := filled(v.Page(http.StatusOK, path))
		for name, values := range set {
			form[name] = values
		}
		form = filled(v.Answer(http.StatusOK, path, form))
		form.Set("why", "A trial.")
		form.Set("risk", "Pupils may see more; a teacher looks on.")
		return v.Sent(path, form), form
	}
	waiting, _ := send("/device-rules/edit/profile/quiet", url.Values{"share": {`"user"`}})
	stale := filled(v.Page(http.StatusOK, "/device-rules/edit/group/library"))
	send("/device-rules/edit/profile/assembly", url.Values{"camera": {`"user"`}})
	kittest.Has(t, "a form of before", v.Answer(http.StatusConflict, "/device-rules/edit/group/library", stale), "Somebody published another version meanwhile.")
	text := v.Page(http.StatusOK, waiting)
	kittest.Has(t, "overtaken", text, "Overtaken", "Meanwhile:", "Camera", "Make it anew on the latest version")
	v.SignIn("dsl")
	kittest.Has(t, "to its reviewer", v.Page(http.StatusOK, waiting), "nobody can agree to it as it is", "-Agree</button>")
	v.SignIn("it")
	anew := v.Sent(waiting+"/rebase", filled(text))
	v.Says(anew, "Waits", "A trial.")
	v.Says(waiting, "Cancelled", "Made anew on version 2.")
	v.Sent(anew+"/cancel", url.Values{"words": {"Not needed."}})
	v.Says("/device-rules", "Refused and cancelled", "Cancelled")
}

// A version to come that closes something is not for one person to cancel: the page has
// no button for it and says what to do instead.
func TestWhatTwoAgreedToStays(t *testing.T) {
	s := open(t)
	by := func(account string, role roles.Role) change.By {
		return change.By{Actor: school.Actor{Account: account, Person: "s-" + account}, Roles: []roles.Assignment{{Role: role}}}
	}
	publish := func(from time.Time, items ...string) string {
		last, _ := s.book.Last()
		rules := last.Rules
		rules.Lists = slices.Clone(rules.Lists)
		rules.Lists[0].Items = append(slices.Clone(rules.Lists[0].Items), items...)
		r, err := s.book.Ask(t.Context(), by("it", roles.IT), change.Ask{Base: last.N, Rules: rules, From: from, Why: "As we said.", Risk: "More is shut out; a teacher looks on."})
		must(t, err)
		_, err = s.book.Review(t.Context(), by("dsl", roles.DSL), r.ID, change.Educational, true, "")
		must(t, err)
		return "/device-rules/change/" + r.ID
	}
	path := publish(monday.Add(24*time.Hour), "more.example")
	v := kittest.Visit(t, s, "teacher")
	v.Says(path, "Published", "Nobody cancels this alone", "Ask for a change that follows it", "-Cancel the change")
	kittest.Has(t, "sent all the same", v.Answer(http.StatusConflict, path+"/cancel", url.Values{"words": {"We do without it."}}), "Two people agreed to this change")
	if _, n := s.book.At(monday.Add(48 * time.Hour)); n != 2 {
		t.Errorf("version %d comes into force", n)
	}
}

// Where the policy asks for it the leadership decides too, on the same page.
func TestConsent(t *testing.T) {
	s := open(t)
	s.consent = true
	v := kittest.Visit(t, s, "dsl")
	const path = "/device-rules/edit/list/social-sites"
	form := filled(v.Page(http.StatusOK, path))
	form.Set("items", "facebook.com")
	form = filled(v.Answer(http.StatusOK, path, form))
	form.Set("why", "Too much is shut out.")
	form.Set("risk", "Some of it is not for children; lessons are watched.")
	request := v.Sent(path, form)
	v.SignIn("leadership")
	v.Says(request, "Your decision, for the leadership", "-Your review, as")
	v.Sent(request+"/leadership", url.Values{"agree": {"yes"}})
	v.SignIn("it")
	v.Says(request, "Your review, as one who looks after the devices", "for the leadership: agreed")
	v.Sent(request+"/technical", url.Values{"agree": {"yes"}})
	v.Says(request, "Published")
}

// Why a device must be what it must be, now and at another time.
func TestWhy(t *testing.T) {
	s := open(t)
	v := kittest.Visit(t, s, "it")
	v.Says("/device/pad-1/why", "Why Pad 1 is as it is", "Lesson 1", "In Trolley 1", "Profile “Quiet in lessons” for Trolley 1, in this kind of period", "Profile “Passcode and lock” for every device",
		"All but Social media sites", "-An exception")
	v.Says("/device/pad-2/why", "An exception that holds now", "and not “off”: Profile “Quiet in lessons”")
	v.Says("/device/staff-1/why", "Whoever uses it relies on it", "and not “off”")
	v.Says("/device/pad-1/why?at=2026-11-23T20:00", "Outside school periods", "No rule says anything", "-Quiet in lessons")
	if status, text, _ := v.Get("/device/pad-1/why?at=noon"); status != http.StatusUnprocessableEntity || !strings.Contains(text, "That is not a day and a time.") {
		t.Errorf("noon: %d", status)
	}
}

// The file of a version is the one the school began with, but for its comments.
func TestFile(t *testing.T) {
	s := open(t)
	v := kittest.Visit(t, s, "it")
	path := filepath.Join(t.TempDir(), change.FileName)
	must(t, os.WriteFile(path, []byte(v.Page(http.StatusOK, "/device-rules/version/1/devices.yaml")), 0o600))
	var faults config.Faults
	if !s.book.Knows(change.ReadFile(path, &faults)) || faults.Err() != nil {
		t.Errorf("the file says otherwise: %v", faults.Err())
	}
}
