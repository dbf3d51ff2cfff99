package consent

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
)

// aboutTheHead is a device of a file about the headteacher.
type aboutTheHead struct{}

func (aboutTheHead) Recused(person string, on locker.Subject) bool {
	return person == "s-head" && on.Item == "i-1"
}

func (aboutTheHead) Approvers(r policy.Rules, _ locker.Subject) policy.Rules {
	r.HoldEnd.First = policy.ApproverDeputy
	return r
}

// Whom a device's file is about has no part in what two people sign for it, and is
// told of no request; somebody stands in.
func TestRecused(t *testing.T) {
	r := newRig(t)
	r.Recusal = aboutTheHead{}
	if _, err := r.Begin(t.Context(), head, police()); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("the head begins: %v", err)
	}
	q, err := r.sign(dsl, dslKey, r.begin(police()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.sign(head, headKey, q); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("the head signs: %v", err)
	}
	seen := r.Without(func(on locker.Subject) bool { return aboutTheHead{}.Recused("s-head", on) })
	if _, err := seen.Get(q.ID); errs.CodeOf(err) != errs.NotFound || len(seen.Waiting())+len(seen.Of("i-1")) != 0 {
		t.Errorf("the head finds it: %v", err)
	}
	if q, err = r.sign(deputy, deputyKey, q); err != nil || !q.Done() {
		t.Errorf("who stands in: %+v, %v", q, err)
	}
}
