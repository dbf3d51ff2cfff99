package vault

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

func TestReadLeavesOutWhatIsErasedAndQuotesNothing(t *testing.T) {
	v, err := Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	mustPut(t, v, "kept", `"insulin pump"`)
	mustPut(t, v, "erased", `"asthma"`)
	mustPut(t, v, "broken", `insulin`)
	if err := v.Erase(t.Context(), "erased"); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"": "-", "erased": "-", "never": "-", "kept": "insulin pump"} {
		got := "-"
		if err := Read(t.Context(), v, id, &got); err != nil || got != want {
			t.Errorf("%q gave %q, %v; want %q", id, got, err, want)
		}
	}
	err = Read(t.Context(), v, "broken", new(string))
	if errs.CodeOf(err) != errs.Internal || strings.Contains(err.Error(), "'i'") || strings.Contains(err.Error(), "insulin") {
		t.Errorf("broken content gave %v", err)
	}
}
