package handover

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/continuity"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// sheetOf makes the sheet of the device in the path. Names are only on the paper of
// whoever may see whose it is.
func (p *pages) sheetOf(c echo.Context) (Sheet, error) {
	if p.Config.Sheet == nil {
		return Sheet{}, errs.New(errs.NotFound, "There are no sheets here.", "")
	}
	return p.Config.Sheet(c.Request().Context(), param(c, "item"), p.May(c, roles.SeeReasons, roles.Target{}))
}

func (p *pages) sheetPDF(c echo.Context) error {
	s, err := p.sheetOf(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `inline; filename="`+s.Name+`.pdf"`)
	return c.Blob(http.StatusOK, "application/pdf", s.PDF)
}

func (p *pages) sheetData(c echo.Context) error {
	s, err := p.sheetOf(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+s.Name+`.json"`)
	return c.Blob(http.StatusOK, "application/json", s.Data)
}

// verifyPage is the page that verifies sheets, to be kept and passed on.
func (p *pages) verifyPage(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="verify.html"`)
	return c.Blob(http.StatusOK, echo.MIMETextHTMLCharsetUTF8, continuity.Page())
}

// doorWords names a door of a bank, or the bank.
func doorWords(bank string, n int) string {
	if n == 0 {
		return kit.BankName(bank)
	}
	return "Door " + strconv.Itoa(n) + " of " + kit.BankName(bank)
}
