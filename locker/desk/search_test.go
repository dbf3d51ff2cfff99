package desk

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

func fullSearch(now time.Time) Search {
	return Search{Of: OfBag, At: now.Add(-time.Minute), Where: "Office", Why: "A report.", LookedFor: "cigarettes", Scope: "Outer pockets.", Found: "Nothing.",
		Witness: "Mx Witness", Consent: PupilsConsent, ConsentBy: "The pupil", ConsentHow: "Spoken", ConsentAt: now.Add(-2 * time.Minute)}
}

func fullDeletion(now time.Time) Deletion {
	return Deletion{What: "A clip of a lesson.", At: now.Add(-time.Minute), Witness: "Mx Witness",
		Consent: ParentsConsent, ConsentBy: "The mother", ConsentHow: "By telephone", ConsentAt: now.Add(-2 * time.Minute)}
}

func TestSearchNeedsAllItsConditions(t *testing.T) {
	authorised := policy.Default()
	authorised.Search.Statutory = []string{"s-9"}
	for field, spoil := range map[string]func(*Search){
		"":             func(*Search) {},
		"of":           func(s *Search) { s.Of = "mind" },
		"at":           func(s *Search) { s.At = monday.Add(time.Hour) },
		"where":        func(s *Search) { s.Where = "" },
		"why":          func(s *Search) { s.Why = "" },
		"looked_for":   func(s *Search) { s.LookedFor = "" },
		"scope":        func(s *Search) { s.Scope = "" },
		"found":        func(s *Search) { s.Found = "" },
		"witness":      func(s *Search) { s.Witness = "" },
		"consent":      func(s *Search) { s.Consent = "" },
		"consent_by":   func(s *Search) { s.ConsentBy = "" },
		"consent_how":  func(s *Search) { s.ConsentHow = "" },
		"consent_at":   func(s *Search) { s.ConsentAt = s.At.Add(time.Second) },
		"parents_told": func(s *Search) { s.ParentsTold = monday.Add(time.Hour) },
	} {
		s := fullSearch(monday)
		spoil(&s)
		mustFault(t, field, s.Check(authorised, Case{}, "s-1", monday))
	}
	s := fullSearch(monday)
	s.Consent, s.ConsentBy, s.ConsentHow, s.ConsentAt = Statutory, "", "", time.Time{}
	mustFault(t, "consent", s.Check(authorised, Case{}, "s-1", monday))
	mustFault(t, "", s.Check(authorised, Case{}, "s-9", monday))
	mustFault(t, "consent", s.Check(policy.Default(), Case{}, "s-9", monday))
}

func TestDeletionNeedsAllItsConditions(t *testing.T) {
	for field, spoil := range map[string]func(*Deletion){
		"":            func(*Deletion) {},
		"what":        func(d *Deletion) { d.What = "" },
		"at":          func(d *Deletion) { d.At = monday.Add(time.Hour) },
		"witness":     func(d *Deletion) { d.Witness = "" },
		"consent":     func(d *Deletion) { d.Consent = Statutory },
		"consent_by":  func(d *Deletion) { d.ConsentBy = "" },
		"consent_how": func(d *Deletion) { d.ConsentHow = "" },
		"consent_at":  func(d *Deletion) { d.ConsentAt = time.Time{} },
	} {
		d := fullDeletion(monday)
		spoil(&d)
		mustFault(t, field, d.Check(Case{}, nil, monday))
	}
	if err := fullDeletion(monday).Check(Case{}, DoNotRelease(), monday); errs.CodeOf(err) != errs.Denied {
		t.Errorf("while a hold stands: %v", err)
	}
}

// mustFault wants exactly one fault, at field; none for "".
func mustFault(t *testing.T, field string, err error) {
	t.Helper()
	list := errs.All(err)
	if field == "" && err == nil {
		return
	}
	if len(list) != 1 || list[0].Field != field {
		t.Errorf("want a fault at %q: %v", field, err)
	}
}

func TestSignature(t *testing.T) {
	for path, good := range map[string]bool{
		"M0,0": true, "M1,2L3,4M5,6L599,199": true, "": false, "M1,2C3,4": false, "L1,2": false,
		`M1,2"/><script>`: false, "M1000,2": false, "M1,2L": false,
	} {
		if err := (Signature{Path: path}).Check(); (err == nil) != good {
			t.Errorf("path %q: %v", path, err)
		}
	}
	long := []byte("M1,2")
	for len(long) <= MaxPath {
		long = append(long, "L3,4"...)
	}
	if (Signature{Path: string(long)}).Check() == nil {
		t.Error("an endless signature is kept")
	}
}
