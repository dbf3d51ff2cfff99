package vault

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// What is written is read again by what the record says, and the vault answers for it.
func TestWriteGivesWhatARecordSays(t *testing.T) {
	v, err := Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	body := struct {
		By string `json:"by"`
		Kept
	}{By: "j-smith"}
	if body.Kept, err = Write(t.Context(), v, "note-1", "insulin pump"); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if state, found, err := v.CheckBody(text); err != nil || !found || state != Opens {
		t.Errorf("%s is %s, %v, %v", text, state, found, err)
	}
	got := ""
	if err := Read(t.Context(), v, body.Content, &got); err != nil || got != "insulin pump" {
		t.Errorf("read %q, %v", got, err)
	}
	if kept, err := Write(t.Context(), v, "note-2", nil); err != nil || kept != (Kept{}) {
		t.Errorf("of nothing it kept %+v, %v", kept, err)
	}
	if kept, err := Write(t.Context(), v, "note-1", "again"); errs.CodeOf(err) != errs.Conflict || kept != (Kept{}) {
		t.Errorf("under an id that is taken it kept %+v, %v", kept, err)
	}
}
