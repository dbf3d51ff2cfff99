package apple

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/web/school/board"
)

// lifetime is something that ends.
type lifetime struct {
	Key, What string
	Until     time.Time
	Left      int // days
	Day       string
	Tag       tag
	Next      string
}

// trouble is something that needs somebody.
type trouble struct {
	Key, What, Next string
	Devices         string
	Grave           bool
}

type healthData struct {
	At              string
	Listed, Managed int
	Waiting         string // those that have not enrolled yet
	Lifetimes       []lifetime
	Troubles        []trouble
	Panics          int
}

func (p *pages) health(c echo.Context) error {
	h, err := p.Gate.Health()
	if err != nil {
		return err
	}
	d := healthData{At: p.moment(p.Machine()), Listed: h.Listed, Managed: h.Managed, Panics: h.Panics}
	for _, l := range p.lifetimes(h, p.Office.TLS(c.Request().Context())) {
		l.Day = p.day(l.Until)
		d.Lifetimes = append(d.Lifetimes, l)
	}
	if d.Troubles, err = p.troubles(); err != nil {
		return err
	}
	if h.Push.Topic == "" {
		d.Troubles = append([]trouble{{Key: "no-push", What: "There is no push certificate yet", Next: "Do the step Push certificate: until then no iPad can enrol.", Grave: true}}, d.Troubles...)
	}
	if d.Waiting, err = p.waiting(); err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "ipads-health", "Health of the iPads", d)
}

// lifetimes are what ends, but for what there is not. tls is zero where it is not
// looked at.
func (cfg Config) lifetimes(h gateway.Health, tls time.Time) (list []lifetime) {
	now := cfg.Machine()
	account := ""
	if push, err := cfg.Office.Push(); err == nil && push.Account != "" {
		account = " (" + push.Account + ")"
	}
	for _, l := range []lifetime{
		{Key: "push", What: "The push certificate of the iPads", Until: h.Push.Until, Next: "Choose Renew beside it at identity.apple.com with the same Apple Account" + account + "; a new one would cut every iPad off."},
		{Key: "asm", What: "The server token of Apple School Manager", Until: cfg.Office.ASM().Until, Next: "Download it there once more and upload it on the page Apple School Manager."},
		{Key: "ca", What: "The iPads’ own authority", Until: h.CA, Next: "Plan to enrol the iPads anew before that."},
		{Key: "tls", What: "The certificate of the gateway’s name", Until: tls, Next: "Renew it in the web server before the gateway."},
	} {
		if l.Until.IsZero() {
			continue
		}
		left := l.Until.Sub(now)
		l.Left, l.Tag = max(0, int(left/(24*time.Hour))), tag{"Good", "green"}
		switch {
		case left <= 0:
			l.Tag = tag{"Ended", "red"}
		case left <= 60*24*time.Hour:
			l.Tag = tagLook
		default:
			l.Next = ""
		}
		list = append(list, l)
	}
	return list
}

func (p *pages) troubles() ([]trouble, error) { return p.Config.troubles() }

// troubles are what needs somebody now.
func (cfg Config) troubles() ([]trouble, error) {
	h, err := cfg.Gate.Health()
	if err != nil {
		return nil, err
	}
	list, err := cfg.departed()
	if err != nil {
		return nil, err
	}
	if h.Fault != "" && h.Push.Topic != "" {
		list = append(list, trouble{Key: "wake", What: "iPads cannot be woken: " + h.Fault, Next: "Look at Preflight and at the push certificate.", Grave: true})
	}
	if needy := cfg.needy(h.Unsupervised); len(needy) > 0 {
		list = append(list, trouble{Key: "unsupervised", What: "Not supervised, in a group whose rules need that",
			Next: "Reset each and enrol it by Apple School Manager or Apple Configurator, or move it to a group without these rules.", Devices: some(needy)})
	}
	for _, t := range []struct {
		key, what, next string
		devices         []string
	}{
		{"failing", "Answered with an error", "Open its page: it says which setting and why. It is tried again by itself, less and less often.", h.Failing},
		{"unreachable", "Could not be woken last time", "Look at Preflight; if Apple is reached, is the iPad still enrolled?", h.Unreachable},
		{"away", "Did not come when woken", "Is it charged, switched on and in a Wi-Fi that lets it reach Apple?", h.Away},
		{"locked", "Put something off until it is unlocked", "Nothing: it does it by itself once its user unlocks it.", h.Locked},
	} {
		if len(t.devices) > 0 {
			list = append(list, trouble{Key: t.key, What: t.what, Next: t.next, Devices: some(t.devices)})
		}
	}
	return list, nil
}

// departed are troubles with iPads that are not, or not any more, what the list says.
func (cfg Config) departed() (list []trouble, err error) {
	pads, err := cfg.pads()
	var other, left, wiped, lost []string
	for _, one := range pads {
		switch {
		case one.Quarantined: // nobody is to reset it
		case one.another():
			other = append(other, one.ID)
		case one.Now.Left:
			left = append(left, one.ID)
		case one.wiped():
			wiped = append(wiped, one.ID)
		case one.Now.Lost:
			lost = append(lost, one.ID)
		}
	}
	for _, t := range []struct {
		key, what, next string
		devices         []string
		grave           bool
	}{
		{"another", "Enrolled with another serial number than the list has", "Compare both on its page. Then correct the list, or reset that iPad and enrol the right one.", other, true},
		{"left", "Left the school’s management", "Its profile was removed, or it was erased. Find it and enrol it anew.", left, true},
		{"wiped", "Told to wipe itself, and not enrolled since", "Enrol it anew, or retire it on the device list.", wiped, false},
		{"lost", "Locked as lost", "Once it is found, unlock it.", lost, false},
	} {
		if len(t.devices) > 0 {
			list = append(list, trouble{Key: t.key, What: t.what, Next: t.next, Devices: some(t.devices), Grave: t.grave})
		}
	}
	return list, err
}

// waiting names the iPads that have not enrolled yet.
func (cfg Config) waiting() (string, error) {
	pads, err := cfg.pads()
	var names []string
	for _, one := range pads {
		if !one.Now.Managed && !one.Now.Left {
			names = append(names, one.ID)
		}
	}
	return some(names), err
}

// needy are those of some devices whose rules need supervision.
func (cfg Config) needy(ids []string) (list []string) {
	is := map[string]bool{}
	for _, id := range ids {
		is[id] = true
	}
	for _, d := range cfg.Devices() {
		if is[d.ID] && len(cfg.Needs(d.Device)) > 0 {
			list = append(list, d.ID)
		}
	}
	return list
}

// alarms are how many days before an end the start page says so, each time anew.
var alarms = []int{7, 30, 60}

// Tasks are what the start page says: what ends soon, and iPads that cannot be kept to
// their rules.
func (cfg Config) Tasks() []board.Task {
	if cfg.Office == nil {
		return nil
	}
	h, err := cfg.Gate.Health()
	if err != nil {
		return nil // the page of health says so
	}
	var tasks []board.Task
	for _, l := range cfg.lifetimes(h, cfg.Office.LastTLS()) {
		if t, due := l.task(cfg.Machine()); due {
			tasks = append(tasks, t)
		}
	}
	if needy := cfg.needy(h.Unsupervised); len(needy) > 0 {
		tasks = append(tasks, board.Task{Key: "ipads-unsupervised", Href: "/ipads/health", Link: "Health of the iPads", Permission: roles.ManageDevices,
			What: "iPads are not supervised, and their rules need that: " + some(needy) + ".", Next: "Reset them and enrol them another way, or move them."})
	}
	return tasks
}

// task is what the start page says of an end.
func (l lifetime) task(now time.Time) (board.Task, bool) {
	href := map[string]string{"push": "/ipads/push", "asm": "/ipads/asm"}[l.Key]
	if href == "" {
		href = "/ipads/health"
	}
	t := board.Task{Key: "ipads-" + l.Key, Href: href, Link: "iPads", Permission: roles.ManageDevices, Next: l.Next}
	left := l.Until.Sub(now)
	if left <= 0 {
		t.What, t.Grave = l.What+" has ended.", true
		return t, true
	}
	for _, days := range alarms {
		if left <= time.Duration(days)*24*time.Hour {
			t.Key += fmt.Sprint("-", days)
			t.What, t.Grave = fmt.Sprintf("%s ends in %d days.", l.What, l.Left), days == alarms[0]
			return t, true
		}
	}
	return t, false
}
