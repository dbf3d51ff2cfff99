package api

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	asking "github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/labstack/echo/v4"
)

// DeviceRules are what the school asks of its devices. They are changed on pages
// only: what filters takes two people, and a program is nobody.
type DeviceRules struct {
	Version  int             `json:"version"`
	From     time.Time       `json:"from" doc:"in force since"`
	Profiles []DeviceProfile `json:"profiles"`
	Lists    []EntryList     `json:"lists" doc:"of apps and sites, for profiles to name"`
	Waiting  []DeviceChange  `json:"waiting" doc:"changes that were asked for and wait for somebody; people decide on pages"`
}

// DeviceProfile is a set of settings and where it holds.
type DeviceProfile struct {
	ID       string           `json:"id"`
	Name     string           `json:"name,omitempty"`
	Settings []ProfileSetting `json:"settings"`
	Holds    []DeviceHold     `json:"holds"`
}

// ProfileSetting is what a profile asks of one setting.
type ProfileSetting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Words string `json:"words" doc:"the value, for people"`
}

// DeviceHold says where a profile holds.
type DeviceHold struct {
	Group   string   `json:"group,omitempty" doc:"none for every device"`
	Periods []string `json:"periods" doc:"kinds of period; none for all times"`
}

// EntryList is a list of apps or sites.
type EntryList struct {
	ID    string   `json:"id"`
	Name  string   `json:"name,omitempty"`
	Items []string `json:"items"`
}

// DeviceChange is a change that was asked for, without its words.
type DeviceChange struct {
	ID      string    `json:"id"`
	By      string    `json:"by" doc:"account"`
	At      time.Time `json:"at"`
	From    time.Time `json:"from,omitzero" doc:"not to come into force before"`
	Filters bool      `json:"filters" doc:"it takes two people"`
	Missing []string  `json:"missing" doc:"who must still agree: technical, educational, leadership"`
}

func (a *api) deviceRuleOperations() []operation {
	return []operation{read("/device-rules", roles.SeeDeviceRules, "What the school asks of its devices, to be read; people change it on pages, two for what filters", a.deviceRules)}
}

func (a *api) deviceRules(echo.Context) (DeviceRules, error) {
	v, ok := a.DeviceRules.VersionAt(a.Now())
	if !ok {
		return DeviceRules{}, errs.New(errs.NotFound, "This school asks nothing of its devices yet.", "")
	}
	out := DeviceRules{Version: v.N, From: v.From, Profiles: []DeviceProfile{}, Lists: []EntryList{}, Waiting: []DeviceChange{}}
	for _, p := range v.Rules.Profiles {
		profile := DeviceProfile{ID: p.ID, Name: p.Name, Settings: []ProfileSetting{}, Holds: []DeviceHold{}}
		for _, s := range asking.Settings {
			if value, ok := p.Set[s]; ok {
				profile.Settings = append(profile.Settings, ProfileSetting{string(s), value.String(), asking.ValueWords(v.Rules, s, value)})
			}
		}
		for _, held := range v.Rules.Assignments {
			if held.Profile != p.ID {
				continue
			}
			hold := DeviceHold{Group: held.Group, Periods: []string{}}
			for _, m := range held.Periods {
				hold.Periods = append(hold.Periods, string(m))
			}
			profile.Holds = append(profile.Holds, hold)
		}
		out.Profiles = append(out.Profiles, profile)
	}
	for _, l := range v.Rules.Lists {
		out.Lists = append(out.Lists, EntryList{l.ID, l.Name, l.Items})
	}
	for _, r := range a.DeviceRules.Requests() {
		if r.State == asking.Waiting {
			out.Waiting = append(out.Waiting, deviceChangeOf(r))
		}
	}
	return out, nil
}

func deviceChangeOf(r asking.Request) DeviceChange {
	c := DeviceChange{ID: r.ID, By: r.By.By, At: r.By.At, From: r.From, Filters: r.Filters, Missing: []string{}}
	for _, s := range r.Missing() {
		c.Missing = append(c.Missing, string(s))
	}
	return c
}
