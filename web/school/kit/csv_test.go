package kit_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// A name that somebody typed is a name in a spreadsheet, too, and never a formula.
func TestCSVHasNoFormulas(t *testing.T) {
	texts := []string{"", "O'Neill", `=HYPERLINK("http://evil.example")`, "+44 7700", "-1", "@SUM(A1)", "\t=1", "\r=1", "a=b", "'quoted", "two\nlines", `with "quotes", and commas`}
	want := []string{"", "O'Neill", `'=HYPERLINK("http://evil.example")`, "'+44 7700", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1", "a=b", "'quoted", "two\nlines", `with "quotes", and commas`}
	w := httptest.NewRecorder()
	rows := [][]string{{"Name"}, texts}
	if err := kit.CSV(echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), w), "names.csv", rows); err != nil {
		t.Fatal(err)
	}
	if h := w.Header(); h.Get("Content-Disposition") != `attachment; filename="names.csv"` || h.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("sent as %v", h)
	}
	r := csv.NewReader(strings.NewReader(w.Body.String()))
	r.FieldsPerRecord = -1
	got, err := r.ReadAll()
	if err != nil || len(got) != 2 || !slices.Equal(got[1], want) {
		t.Errorf("a spreadsheet reads %q, %v", got, err)
	}
	if rows[1][2] != texts[2] {
		t.Error("what was given is changed")
	}
}
