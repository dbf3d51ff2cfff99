package oneroster

import (
	"bytes"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Whatever the files say: no panic, an invalid error or a roll of which
// everybody has an id of their own and a name.
func FuzzRead(f *testing.F) {
	texts := small()
	f.Add(texts["manifest.csv"], texts["orgs.csv"], texts["users.csv"], texts["classes.csv"], texts["enrollments.csv"])
	f.Add(texts["manifest.csv"], "\ufeff"+texts["orgs.csv"], texts["users.csv"]+"A3,tobedeleted,,false,,student,,,A,B,,,,,,,R,\n", texts["classes.csv"], texts["enrollments.csv"]+"e9,,,x,x,x,student,,2026-01-01,\n")
	f.Add("", "", "", "", "")
	f.Fuzz(func(t *testing.T, manifest, orgs, users, classes, enrolments string) {
		set, err := Read(files(map[string]string{"manifest.csv": manifest, "orgs.csv": orgs, "users.csv": users, "classes.csv": classes, "enrollments.csv": enrolments}))
		if err != nil {
			if errs.CodeOf(err) != errs.Invalid {
				t.Fatal(err)
			}
			return
		}
		seen := map[string]bool{}
		for _, e := range set.Roll(today).People {
			if e.MIS == "" || seen[e.MIS] || e.Name() == "" {
				t.Fatalf("%+v", e)
			}
			seen[e.MIS] = true
		}
	})
}

func FuzzZIP(f *testing.F) {
	f.Add(pack(f, small()))
	f.Add(pack(f, map[string]string{"a/b": "x"}))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		files, err := openZIP(bytes.NewReader(data), int64(len(data)))
		if err == nil {
			_, err = Read(files)
		}
		if err != nil && errs.CodeOf(err) != errs.Invalid {
			t.Fatal(err)
		}
	})
}
