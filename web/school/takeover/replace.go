package takeover

import (
	"fmt"
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// bankLine is one bank in brief.
type bankLine struct {
	ID, Name string
	Standing string
	Records  string
	Held     int
	Doubt    int // doors to look at
	Refused  string
}

func (p *pages) list(c echo.Context) error {
	var list []bankLine
	for _, s := range p.Banks.Banks() {
		line, err := p.line(s)
		if err != nil {
			return err
		}
		list = append(list, line)
	}
	return p.Page(c, http.StatusOK, "takeover-banks", "Banks", list)
}

func (p *pages) line(s banks.Status) (bankLine, error) {
	loss, err := p.Banks.Loss(s.Setup.Bank)
	line := bankLine{ID: s.Setup.Bank, Name: title(s), Standing: "not heard since this server started", Held: loss.Held, Refused: s.Refused}
	switch {
	case s.Online:
		line.Standing = "online"
	case !s.Since.IsZero():
		line.Standing = "offline"
	}
	line.Records = fmt.Sprintf("%d of %d records are here", loss.Copied, loss.Recorded)
	for _, d := range s.Board.Doors {
		if d.InDoubt {
			line.Doubt++
		}
	}
	return line, err
}

// title names a bank as people do.
func title(s banks.Status) string { return kit.BankTitle(s.Setup.Bank, s.Label) }

func (p *pages) bank(c echo.Context) (banks.Status, error) {
	id := kit.Param(c, "id")
	for _, s := range p.Banks.Banks() {
		if s.Setup.Bank == id {
			return s, nil
		}
	}
	return banks.Status{}, errs.New(errs.NotFound, "This school has no bank of that name.", "Look at the banks on the start page.")
}

// replaceData is what may be missing when another computer takes a bank's place.
type replaceData struct {
	Form *kit.Form
	bankLine
	banks.BankLoss
	Missing uint64 // records that the bank said it had and the server has not
	Heard   string
	Online  bool
}

func (p *pages) replaceData(c echo.Context, f *kit.Form) (replaceData, error) {
	s, err := p.bank(c)
	if err != nil {
		return replaceData{}, err
	}
	d := replaceData{Form: f, Online: s.Online}
	if d.bankLine, err = p.line(s); err != nil {
		return d, err
	}
	if d.BankLoss, err = p.Banks.Loss(s.Setup.Bank); err != nil {
		return d, err
	}
	d.Missing = d.Recorded - d.Copied
	if !d.BankLoss.Heard.IsZero() {
		d.Heard = d.BankLoss.Heard.In(p.Now().Location()).Format("15:04:05 on 2 January 2006")
	}
	return d, nil
}

func (p *pages) replaceForm(c echo.Context) error {
	d, err := p.replaceData(c, p.NewForm(c, nil))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "takeover-replace", "Another computer for "+d.Name, d)
}

// codeData is the code that the new computer is shown.
type codeData struct {
	bankLine
	Text, Until string
	SVG         template.HTML
}

// replace makes the code. It is in the answer itself, so that it lies nowhere.
func (p *pages) replace(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.replaceData(c, f)
	if err != nil {
		return err
	}
	made := codeData{bankLine: d.bankLine}
	text, err := p.Make(c, f, func() ([]byte, error) {
		if d.Online && f.Get("sure") == "" {
			return nil, errs.At("sure", d.Name+" is online: its computer is not dead", "Tick the box if another is to take its place all the same.")
		}
		code, until, err := p.Replace(c.Request().Context(), p.Who(c).Account, d.ID)
		if err != nil {
			return nil, err
		}
		qr, err := code.QR()
		if err != nil {
			return nil, err
		}
		made.Until, made.SVG = until.In(p.Now().Location()).Format("15:04"), template.HTML(qr.SVG()) // made of numbers only
		text, err := code.Text()
		return []byte(text), err
	})
	if err != nil {
		return p.Refuse(c, f, err, "takeover-replace", "Another computer for "+d.Name, d)
	}
	made.Text = string(text)
	c.Response().Header().Set("Cache-Control", "no-store, private")
	return p.Page(c, http.StatusOK, "takeover-code", "Code for "+d.Name, made)
}
