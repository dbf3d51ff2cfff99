package agreements

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// standing is how somebody stands to an agreement.
type standing struct {
	Kind      agreements.Kind
	Title     string
	Version   int    // the newest; 0 for none
	Published string // when
	Signed    string // when they last signed, and how; "" for never
	Newest    bool   // and that was the newest
	Counts    bool   // it counts now
	Until     string // and only until then
}

func (p *pages) standing(person string, k agreements.Kind) standing {
	v, ok := p.current(k)
	s := standing{Kind: k, Title: title(k), Version: v.N}
	if ok {
		s.Published = p.day(v.At)
	}
	if signed, ok := p.Texts.Signed(person, k); ok {
		s.Signed, s.Newest = p.day(signed.At)+", "+how(signed), signed.Version == v.N && signed.How != agreements.Advised
	}
	counts, until := p.Texts.Counts(person, k)
	s.Counts = counts
	if !until.IsZero() {
		s.Until = p.day(until)
	}
	return s
}

type mineData struct {
	Mine       []standing
	Unknown    bool // nobody knows whose account it is
	MayKeep    bool
	MayPublish bool
	Texts      []standing // what there is, for who may publish
}

// mine is where somebody stands, and the way to the other pages.
func (p *pages) mine(c echo.Context) error {
	d := mineData{MayKeep: p.may(c, roles.KeepAgreements), MayPublish: p.may(c, roles.ChangePolicy)}
	person, ok := p.People.Person(p.Who(c).Person)
	for _, k := range p.kindsOf(person, ok) {
		d.Mine = append(d.Mine, p.standing(p.Who(c).Person, k))
	}
	d.Unknown = ok && !person.OnRoll() || !ok && len(d.Mine) == 0
	for _, k := range agreements.Kinds {
		d.Texts = append(d.Texts, p.standing("", k))
	}
	return p.Page(c, http.StatusOK, "agreements", "Agreements", d)
}

// kindsOf are the agreements that are for somebody. Those that a school need not have
// are there once they are published.
func (p *pages) kindsOf(person register.Person, known bool) []agreements.Kind {
	var list []agreements.Kind
	for _, k := range agreements.Kinds {
		_, published := p.current(k)
		usual := k == agreements.Staff || k == agreements.Pupils || k == agreements.OwnPhones
		if k.ReadBy(person, known) && (!known || person.OnRoll()) && (published || usual) {
			list = append(list, k)
		}
	}
	return list
}

// signData is a text to be signed.
type signData struct {
	Form *kit.Form
	agreements.Version
	Title     string
	Published string
	standing
	ID, Name string // whose signature it is, at the desk
	Hows     []kit.Option
	Advice   bool // nobody enforces it
	Parent   bool // a parent signs it, for whom Name is
	Notice   bool // it is read, and agrees to nothing
	Send     string
}

func (p *pages) signData(f *kit.Form, person string, k agreements.Kind) (signData, error) {
	v, ok := p.current(k)
	if !ok {
		return signData{}, errs.New(errs.NotFound, "The school has not published this agreement yet.", "The headteacher publishes it on the page Agreements.")
	}
	return signData{Form: f, Version: v, Title: title(k), Published: p.day(v.At), standing: p.standing(person, k), Advice: k == agreements.OwnPhones, Notice: k == agreements.Monitoring || k == agreements.Briefing,
		Send: "/agreements/sign/" + string(k)}, nil
}

// kind is the agreement in a path.
func kind(c echo.Context) (agreements.Kind, error) {
	k := agreements.Kind(kit.Param(c, "kind"))
	if !slices.Contains(agreements.Kinds, k) {
		return "", errs.New(errs.NotFound, "There is no such agreement.", "Look at the page Agreements.")
	}
	return k, nil
}

func (p *pages) signForm(c echo.Context) error {
	k, err := kind(c)
	if err != nil {
		return err
	}
	d, err := p.signData(p.NewForm(c, nil), p.Who(c).Person, k)
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "agreement-sign", d.Title, d)
}

// version is the one that the form's reader had before them.
func version(f *kit.Form) int {
	n, err := strconv.Atoi(f.Get("version"))
	if err != nil {
		return 0
	}
	return n
}

func (p *pages) sign(c echo.Context) error {
	k, err := kind(c)
	if err != nil {
		return err
	}
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.signData(f, p.Who(c).Person, k)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		return "/agreements", p.Signing.Sign(c.Request().Context(), p.Who(c).Actor, k, version(f), f.Get("name"))
	})
	if err != nil {
		return p.Refuse(c, f, err, "agreement-sign", d.Title, d)
	}
	return nil
}

// witnessData is the same at the desk.
func (p *pages) witnessData(c echo.Context, f *kit.Form) (signData, error) {
	person, ok := p.People.Person(kit.Param(c, "id"))
	if !ok || !person.OnRoll() {
		return signData{}, errs.New(errs.NotFound, "Nobody on the roll has that number.", "Look for the name again.")
	}
	d, err := p.signData(f, person.ID, agreements.For(person))
	d.ID, d.Name, d.Send = person.ID, person.Name(), "/agreements/person/"+person.ID
	parent := kit.Option{Value: string(agreements.ByParent), Text: "A parent or carer"}
	self := kit.Option{Value: string(agreements.AtDesk), Text: person.Name()}
	switch {
	case person.Kind == register.Staff:
		d.Hows = []kit.Option{self}
	case d.ParentSigns(person):
		d.Hows = []kit.Option{parent}
	default:
		d.Hows = []kit.Option{self, parent}
	}
	return d, err
}

func (p *pages) witnessForm(c echo.Context) error {
	f := p.NewForm(c, nil)
	d, err := p.witnessData(c, f)
	if err != nil {
		return err
	}
	if f.Get("how") == "" {
		f.Values.Set("how", d.Hows[0].Value)
	}
	return p.Page(c, http.StatusOK, "agreement-sign", d.Title, d)
}

func (p *pages) witness(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.witnessData(c, f)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		how := agreements.How(f.Get("how"))
		return "/agreements/unsigned", p.Signing.Witness(c.Request().Context(), p.Who(c).Actor, d.ID, version(f), how, f.Get("name"))
	})
	if err != nil {
		return p.Refuse(c, f, err, "agreement-sign", d.Title, d)
	}
	return nil
}
