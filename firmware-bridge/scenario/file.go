package scenario

import "github.com/bellkeep/bellkeep/internal/config"

type text = config.Value[string]

type scriptFile struct {
	Scenario text        `yaml:"scenario"`
	About    string      `yaml:"about"`
	Schools  []text      `yaml:"schools"`
	Day      text        `yaml:"day"`
	People   []partFile  `yaml:"people"`
	Never    []neverFile `yaml:"never"`
	Steps    []stepFile  `yaml:"steps"`
}

type partFile struct {
	Name           text              `yaml:"name"`
	Is             text              `yaml:"is"`
	Only           []text            `yaml:"only"`
	Form           string            `yaml:"form"`
	Year           string            `yaml:"year"`
	Bank           string            `yaml:"bank"`
	Count          config.Value[int] `yaml:"count"`
	Role           text              `yaml:"role"`
	Of             text              `yaml:"of"`
	Relationship   string            `yaml:"relationship"`
	Responsibility bool              `yaml:"parental-responsibility"`
	NoContact      bool              `yaml:"no-contact"`
	Email          string            `yaml:"email"`
	Until          text              `yaml:"until"`
}

type neverFile struct {
	Opens    text   `yaml:"opens"`
	DeviceOf text   `yaml:"device-of"`
	Is       text   `yaml:"is"`
	Shows    text   `yaml:"shows"`
	NoticeTo text   `yaml:"notice-to"`
	To       text   `yaml:"to"`
	Before   text   `yaml:"before"`
	After    text   `yaml:"after"`
	Only     []text `yaml:"only"`
}

type stepFile struct {
	On      text              `yaml:"on"`
	At      text              `yaml:"at"`
	Who     text              `yaml:"who"`
	Does    text              `yaml:"does"`
	With    map[string]text   `yaml:"with"`
	Only    []text            `yaml:"only"`
	Why     string            `yaml:"why"`
	Expect  Expect            `yaml:"expect"` // as it is: a wrapped value is not read strictly
	Instead map[string]Expect `yaml:"instead"`
}
