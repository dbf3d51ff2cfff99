package roster

import "github.com/bellkeep/bellkeep/internal/config"

type text = config.Value[string]

type schoolFile struct {
	School    text           `yaml:"school"`
	Name      text           `yaml:"name"`
	Zone      text           `yaml:"zone"`
	Phone     text           `yaml:"phone"`
	People    text           `yaml:"people"`
	Terms     []termFile     `yaml:"terms"`
	Closed    []spanFile     `yaml:"closed"`
	Templates []templateFile `yaml:"templates"`
	Days      []usualFile    `yaml:"days"`
	Overrides []overrideFile `yaml:"overrides"`
	Waves     []waveFile     `yaml:"waves"`
	Banks     []text         `yaml:"banks"`
	Spots     []spotFile     `yaml:"spots"`
	Grants    []ruleFile     `yaml:"grants"`
	Bars      []ruleFile     `yaml:"bars"`
}

type spotFile struct {
	ID   text `yaml:"id"`
	Name text `yaml:"name"`
}

type spanFile struct {
	From  text   `yaml:"from"`
	Until text   `yaml:"until"`
	Why   string `yaml:"why"`
}

type termFile struct {
	Name  string    `yaml:"name"`
	From  text      `yaml:"from"`
	Until text      `yaml:"until"`
	Weeks weeksFile `yaml:"weeks"`
}

type weeksFile struct {
	First      text `yaml:"first"`
	SkipClosed bool `yaml:"skip_closed"`
}

type templateFile struct {
	Name         text        `yaml:"name"`
	Gate         text        `yaml:"gate"`
	Register     text        `yaml:"register"`
	Collect      text        `yaml:"collect"`
	CollectUntil text        `yaml:"collect_until"`
	Periods      []bellFile  `yaml:"periods"`
	Waves        []startFile `yaml:"waves"`
}

type bellFile struct {
	Name  text `yaml:"name"`
	Kind  text `yaml:"kind"`
	From  text `yaml:"from"`
	Until text `yaml:"until"`
}

type startFile struct {
	Wave text `yaml:"wave"`
	From text `yaml:"from"`
}

type usualFile struct {
	On       []text `yaml:"on"`
	Week     text   `yaml:"week"`
	Template text   `yaml:"template"`
}

type overrideFile struct {
	Date     text   `yaml:"date"`
	Template text   `yaml:"template"`
	Week     text   `yaml:"week"`
	Why      string `yaml:"why"`
}

type waveFile struct {
	ID    text                `yaml:"id"`
	Years []config.Value[int] `yaml:"years"`
	Banks []text              `yaml:"banks"`
}

type ruleFile struct {
	ID     text              `yaml:"id"`
	May    text              `yaml:"may"`
	Person text              `yaml:"person"`
	Bank   text              `yaml:"bank"`
	Door   config.Value[int] `yaml:"door"`
	From   text              `yaml:"from"`
	Until  text              `yaml:"until"`
	Uses   int               `yaml:"uses"`
}
