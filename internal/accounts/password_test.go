package accounts_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

func TestPasswordsThatOthersTryFirst(t *testing.T) {
	s := open(t)
	for password, want := range map[string]errs.Code{
		good:                                   "",
		"zürich tram 14 at night":              "",
		"aardvark-Quorum-sled":                 "",
		strings.Repeat("ab cd ef ", 14) + "xy": "",
		"eleven char":                          errs.Invalid,
		strings.Repeat("ab cd ef ", 15):        errs.Invalid,
		"password1234":                         errs.Invalid,
		"PassWord!!!!":                         errs.Invalid,
		"passwordpassword":                     errs.Invalid,
		"letmein letmein":                      errs.Invalid,
		"123456789012":                         errs.Invalid,
		"987654321098":                         errs.Invalid,
		"aaaaaaaaaaaaaa":                       errs.Invalid,
		"qwertyuiop12":                         errs.Invalid,
		"abcdefghijklmn":                       errs.Invalid,
		"1qaz2wsx3edc4rfv":                     errs.Invalid,
		"ElmfieldAcademy1":                     errs.Invalid,
		"office@elmfield":                      errs.Invalid,
		"academyacademy":                       errs.Invalid,
		"not utf8 \xff at all":                 errs.Invalid,
	} {
		refused(t, password, s.ChangePassword(t.Context(), "office", password), want)
	}
}

// When too many sign in at once, some are refused rather than kept waiting.
func TestASignInDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := accountstest.Open(t, "")
		s.Hire(t, "office", "s-5", roles.Office)
		leave := s.Crowd()
		start := time.Now()
		if s.Password("office", accountstest.Password) || time.Since(start) != accounts.Patience {
			t.Errorf("after %v", time.Since(start))
		}
		leave()
		if !s.Password("office", accountstest.Password) {
			t.Error("the crowd has gone, and still nobody gets in")
		}
	})
}
