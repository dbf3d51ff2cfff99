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

// Nothing that a stranger can time tells whether a name is somebody's: each attempt
// costs one hash, of the same cost.
func TestEveryNameCostsOneHash(t *testing.T) {
	s := open(t)
	sheets, err := s.Seal(t.Context(), accounts.Console)
	must(t, err)
	must(t, s.Make(t.Context(), "it", accounts.NewAccount{ID: "unset", Person: "s-6"}))
	must(t, s.End(t.Context(), "head", "it"))
	s.Hire(t, "resting", "", roles.Office)
	hashes := s.CountHashes()
	for _, name := range []string{"office", "nobody-here", "", "unset", "it", "resting", sheets[0].ID, "OFFICE", accounts.Console} {
		for _, password := range []string{good, "x", ""} {
			before := *hashes
			if s.Password(name, password) {
				t.Errorf("%q got in with %q", name, password)
			}
			if *hashes != before+1 {
				t.Errorf("%q with %q costs %d hashes", name, password, *hashes-before)
			}
		}
	}
	if s.Password("office", accountstest.Password); *hashes != 28 {
		t.Errorf("the right password costs %d hashes", *hashes-27)
	}
	if cost, ok := strings.CutPrefix(accounts.Nobodys, "$argon2id$v=19$m=19456,t=2,p=1$"); !ok || len(cost) != 66 {
		t.Errorf("a name that nobody has is hashed at another cost: %s", accounts.Nobodys)
	}
}
