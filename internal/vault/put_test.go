package vault

import (
	"path/filepath"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestPutAllKeepsEverything(t *testing.T) {
	v := mustOpen(t, filepath.Join(t.TempDir(), "vault"))
	items := []Item{{"p-1", []byte("Rosa Example")}, {"p-2", nil}, {"p-3", []byte("Ada Example")}}
	made, err := v.PutAll(t.Context(), items)
	if err != nil || len(made) != len(items) {
		t.Fatalf("%d commitments, %v", len(made), err)
	}
	for n, i := range items {
		if same, err := v.Matches(i.ID, made[n]); err != nil || !same {
			t.Errorf("commitment %d is not that of %s: %v", n, i.ID, err)
		}
		mustBe(t, v, made[n], Opens)
	}
	if made, err := v.PutAll(t.Context(), nil); err != nil || len(made) != 0 {
		t.Errorf("nothing to put: %v, %v", made, err)
	}
}

// One bad item, and nothing of the whole batch is kept.
func TestPutAllIsAllOrNothing(t *testing.T) {
	v := mustOpen(t, filepath.Join(t.TempDir(), "vault"))
	mustPut(t, v, "taken", "x")
	for name, c := range map[string]struct {
		bad  Item
		want errs.Code
	}{
		"id taken":         {Item{ID: "taken"}, errs.Conflict},
		"id twice":         {Item{ID: "new"}, errs.Conflict},
		"no id":            {Item{}, errs.Invalid},
		"content too long": {Item{"long", make([]byte, MaxContent+1)}, errs.Invalid},
	} {
		if _, err := v.PutAll(t.Context(), []Item{{ID: "new"}, c.bad}); errs.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := v.Get(t.Context(), "new"); errs.CodeOf(err) != errs.NotFound {
			t.Errorf("%s: a part of the batch was kept: %v", name, err)
		}
	}
	if _, err := v.PutAll(t.Context(), make([]Item, MaxItems+1)); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("too many items: %v", err)
	}
}
