package kit_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/labstack/echo/v4"
)

// always is a gate that knows one person.
type always struct{ account string }

func (a *always) Who(*http.Request) (kit.Who, bool) {
	return kit.Who{Actor: school.Actor{Account: a.account}}, true
}

// A file that is made once is handed out again to whoever pressed twice, and kept by
// nobody after a minute.
func TestAFileIsMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &always{"office"}
		k := kittest.Kit(kittest.People(), nobody{}, time.Now, nil)
		k.Gate = gate
		made := 0
		var fault error
		press := func(once, what string) (string, error) {
			t.Helper()
			r := httptest.NewRequest(http.MethodPost, "/badges", strings.NewReader(url.Values{"once": {once}, "for": {what}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			c := echo.New().NewContext(r, httptest.NewRecorder())
			f, err := k.ReadForm(c)
			if err != nil {
				t.Fatal(err)
			}
			file, err := k.Make(c, f, func() ([]byte, error) {
				if fault != nil {
					return nil, fault
				}
				made++
				return []byte(strings.Repeat("x", made)), nil
			})
			return string(file), err
		}
		want := func(when, once, what, file string, code errs.Code, total int) {
			t.Helper()
			got, err := press(once, what)
			if got != file || errs.CodeOf(err) != code && (err != nil || code != "") || made != total {
				t.Errorf("%s: got %q, %v after %d were made", when, got, err, made)
			}
		}
		fault = errors.New("no paper")
		if _, err := press("A", "spares"); err != fault {
			t.Errorf("a fault: %v", err)
		}
		fault = nil
		want("the first press", "A", "spares", "x", "", 1)
		want("the second", "A", "spares", "x", "", 1)
		want("the form filled in otherwise", "A", "all", "xx", "", 2)
		want("the page opened again", "B", "spares", "xxx", "", 3)
		gate.account = "office-two"
		want("somebody else", "A", "spares", "xxxx", "", 4)
		gate.account = "office"
		time.Sleep(time.Minute)
		synctest.Wait()
		want("a minute later", "A", "spares", "", errs.Conflict, 4)
	})
}
