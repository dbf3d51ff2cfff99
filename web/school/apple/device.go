package apple

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
)

const retryAfter = time.Second // after a stream was lost

type deviceData struct {
	Form         *kit.Form
	ID, Name     string
	Serial, Says string // its serial number by the list, and by its own word
	Another      bool   // those two differ
	Evidence     bool
	Managed      bool
	Way          enrol.Path // the school's
	Waits        string     // what may enrol as it at present
	Link         *code      // the address that was just made
	Until        string
	Stream, Self string
	Section      template.HTML // follows it live
	Ends         []ending
	Needs        string // what its rules ask that takes supervision
}

// ending is a change to come in words.
type ending struct {
	At, What string
	Tag      tag
	Why      string
}

func devicePath(id string) string { return "/ipads/device/" + id }

func (p *pages) known(c echo.Context) (Device, error) {
	d, ok := p.find(kit.Param(c, "id"))
	if !ok {
		return d, errs.New(errs.NotFound, "There is no iPad of that name.", "List it on the page Serial numbers, or on the device list as an iPad.")
	}
	return d, nil
}

func (p *pages) deviceData(d Device, f *kit.Form) (deviceData, error) {
	one, err := p.pad(d)
	if err != nil {
		return deviceData{}, err
	}
	v := deviceData{Form: f, ID: d.ID, Name: d.Name(), Serial: one.Expects, Says: one.Now.Traits.Serial, Another: one.another(), Evidence: d.Quarantined,
		Managed: one.Now.Managed, Way: p.Office.Path(), Waits: p.invitation(d.ID), Ends: p.endings(p.Ends(d.ID)),
		Stream: devicePath(d.ID) + "/events", Self: devicePath(d.ID), Needs: settingList(p.Needs(d.Device))}
	section, err := p.timelineText(d.ID)
	v.Section = template.HTML(section) // html/template made it
	return v, err
}

// invitation says what may enrol as an iPad at present; "" for nothing.
func (p *pages) invitation(id string) string {
	address, reset := p.Office.Waiting(id), p.Office.Awaits(id)
	switch {
	case !address.IsZero():
		return "An address was made for it: it works once, until " + p.moment(address) + ", and no more once another is made."
	case !reset.IsZero():
		return "It is waited for until " + p.moment(reset) + ": once it is reset, it is let in by its serial number."
	}
	return ""
}

// endings are changes to come in words. Settings that change alike at one moment are
// named together.
func (p *pages) endings(list []apple.Ending) (said []ending) {
	var about []mdm.Setting
	for n, e := range list {
		about = append(about, e.Setting)
		if n+1 < len(list) && alike(e, list[n+1]) {
			continue
		}
		way := tag{"By itself", "green"}
		if !e.ByItself {
			way = tag{"When it is reached", "yellow"}
		}
		said = append(said, ending{At: e.At.In(p.Now().Location()).Format("15:04, Monday 2 January"), What: settingList(about) + ": " + endingWords(e), Tag: way, Why: e.Why})
		about = nil
	}
	return said
}

// alike reports whether two changes differ in nothing but the setting.
func alike(a, b apple.Ending) bool {
	return a.At.Equal(b.At) && a.ByItself == b.ByItself && a.Why == b.Why && endingWords(a) == endingWords(b)
}

func (p *pages) device(c echo.Context) error {
	d, err := p.known(c)
	if err != nil {
		return err
	}
	v, err := p.deviceData(d, p.NewForm(c, nil))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "ipads-device", v.Name, v)
}

// invite makes the address of a device's profile and shows it, once: whoever has it can
// be that device until the device has used it.
func (p *pages) invite(c echo.Context) error {
	d, err := p.known(c)
	if err != nil {
		return err
	}
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	address, err := p.Make(c, f, func() ([]byte, error) {
		if err := p.Office.Ready(); err != nil {
			return nil, err
		}
		if err := p.Register.Invite(c.Request().Context(), p.Who(c).Account, d.ID); err != nil {
			return nil, err
		}
		address, _, err := p.Office.Link(d.ID)
		return []byte(address), err
	})
	v, broken := p.deviceData(d, f)
	if broken != nil {
		return broken
	}
	if err != nil {
		return p.Refuse(c, f, err, "ipads-device", v.Name, v)
	}
	v.Form = p.NewForm(c, nil) // for another one
	drawn, err := codeOf(string(address))
	if err != nil {
		return err
	}
	v.Link, v.Until = &drawn, p.moment(p.Office.Waiting(d.ID))
	c.Response().Header().Set("Cache-Control", "no-store")
	return p.Page(c, http.StatusOK, "ipads-device", v.Name, v)
}

// mark is one step of an enrolment.
type mark struct {
	What, Note string
	At         string
	Tag        tag
}

type timelineData struct {
	Marks         []mark
	Refused, Next string   // what the gateway refused last
	Said          []string // what is to be known before the steps
	Lost          string   // where it is unlocked, if it is locked as lost
	Done          bool
}

// timeline is how far a device is.
func (p *pages) timeline(id string) (timelineData, error) {
	d, _ := p.find(id)
	one, err := p.pad(d)
	if err != nil {
		return timelineData{}, err
	}
	s := one.Now
	t := timelineData{Done: s.Managed && d.Settled}
	if !s.RefusedAt.IsZero() && s.RefusedAt.After(s.Enrolled) {
		t.Refused, t.Next = s.Refused, nextOf(s.Refused)
	}
	add := func(what, note string, at time.Time, done bool) {
		m := mark{What: what, At: p.moment(at), Tag: tag{"Not yet", "grey"}}
		if done {
			m.Tag, m.Note = tagDone, note
		}
		t.Marks = append(t.Marks, m)
	}
	add("It fetched its profile", "With a challenge that holds once.", s.Invited, !s.Invited.IsZero())
	add("It has its certificate", "By that it is told from all others.", s.Issued, !s.Issued.IsZero())
	add("It said who it is", "Authenticate: serial number "+s.Traits.Serial+".", s.Authenticated, !s.Authenticated.IsZero())
	add("It can be woken", "TokenUpdate: Apple takes wake-ups for it.", s.Enrolled, s.Managed && !s.Enrolled.IsZero())
	add("It said what it is", supervision(s), s.Informed, s.Managed && !s.Informed.IsZero())
	add("It took the rules", "It acknowledged the profile.", s.Obeyed, s.Managed && (!s.Obeyed.IsZero() || d.Settled))
	add("It is all that it must be", "By its own report, every setting, or it cannot have it.", d.Reported, t.Done)
	if last := &t.Marks[6]; !t.Done {
		last.At = "" // what it reported then is not that
		if s.Managed {
			last.Note = openWords(d)
		}
	}
	if one.unsupervised() {
		t.unsupervised(p.Needs(d.Device))
	}
	t.besides(one)
	return t, nil
}

// besides says what the steps alone would hide.
func (t *timelineData) besides(one pad) {
	switch {
	case one.Now.Left:
		t.Said = append(t.Said, "It left the school’s management: its profile was removed, or it was erased. Nothing is enforced on it until it enrols anew.")
	case one.wiped():
		t.Said = append(t.Said, "It was told to wipe itself, and said that it does. From then on nothing is enforced on it until it enrols anew.")
		t.Marks[6].Note = ""
	case one.Now.Lost:
		t.Lost = "/device/" + one.ID + "/commands"
	}
	if one.another() {
		t.Done, t.Marks[2].Tag = false, tagWrong
		t.Marks[2].Note = "It says " + one.Now.Traits.Serial + "; the list says " + one.Expects + ". Correct the list, or reset this iPad and enrol the right one."
	}
}

// unsupervised marks what comes of that.
func (t *timelineData) unsupervised(needs []mdm.Setting) {
	what, all := &t.Marks[4], &t.Marks[len(t.Marks)-1]
	what.Tag = tagLook
	if len(needs) == 0 {
		return
	}
	what.Tag, what.Note = tagWrong, "Not supervised, and its rules need that for: "+settingList(needs)+
		". Reset it and enrol it by Apple School Manager or Apple Configurator, or move it to a group without these rules."
	t.Done, all.Tag, all.Note = false, tagWrong, "It cannot be, without supervision."
}

// supervision says what a device is.
func supervision(s gateway.Status) string {
	what := s.Traits.Model + ", version " + s.Traits.OSVersion
	switch {
	case s.Traits.Supervised == nil:
		return what + "."
	case *s.Traits.Supervised:
		return what + ", supervised."
	}
	return what + ", not supervised: it cannot be kept from AirDrop, Bluetooth, apps and sites."
}

// nextOf says what to do about what the gateway refused.
func nextOf(refused string) string {
	switch {
	case strings.Contains(refused, "serial number"):
		return "Look at the serial number in Settings, General, About, and correct the list; then make a new address."
	case strings.Contains(refused, "nothing may do so now"):
		return "Leave it as it is, and ask the headteacher."
	case strings.Contains(refused, "push certificate"):
		return "Remove the profile from the iPad and make a new address."
	case strings.Contains(refused, "challenge"):
		return "Its challenge was used or has run out. Remove the profile from the iPad and make a new address."
	}
	return "Remove the profile from the iPad and make a new address. If it happens again, ask who else tried."
}

// Steps counts those that are done.
func (t timelineData) Steps() (n int) {
	for _, m := range t.Marks {
		if m.Tag == tagDone {
			n++
		}
	}
	return n
}

func (p *pages) timelineText(id string) (string, error) {
	t, err := p.timeline(id)
	if err != nil {
		return "", err
	}
	return p.Text("ipads-device", "timeline", t)
}

// followDevice streams how far a device is.
func (p *pages) followDevice(c echo.Context) error {
	d, err := p.known(c)
	if err != nil {
		return err
	}
	return p.follow(c, "timeline", func() (string, error) { return p.timelineText(d.ID) })
}

// follow streams a part of a page whenever it changes, until the reader may not see it
// any more.
func (p *pages) follow(c echo.Context, event string, text func() (string, error)) error {
	stream, err := ui.OpenStream(c.Response(), retryAfter)
	if err != nil {
		return nil // the client has gone
	}
	sent := ""
	for {
		who, in := p.Kit.Gate.Who(c.Request()) // again each time: a role may have ended
		now, err := text()
		if !in || err != nil || !p.Allows(who, roles.ManageDevices, roles.Target{}) {
			_ = stream.Send("end", "", "") // the page reloads, and says why
			return nil
		}
		if now != sent {
			err, sent = stream.Send(event, "", now), now
		}
		if err != nil || stream.Beat() != nil {
			return nil // the client has gone; the page comes back
		}
		select {
		case <-c.Request().Context().Done():
			return nil
		case <-time.After(ui.Beat):
		}
	}
}
