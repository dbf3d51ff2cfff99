package vault

import (
	"context"
	"encoding/json"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Getter gives content back; see Vault.Get.
type Getter interface {
	Get(ctx context.Context, id string) ([]byte, error)
}

// Read reads the JSON kept under id into out. What was erased, and no id at all,
// leave out as it is. No error quotes the content, which may be personal. Errors:
// internal, those of Get.
func Read(ctx context.Context, from Getter, id string, out any) error {
	if id == "" {
		return nil
	}
	content, err := from.Get(ctx, id)
	switch {
	case errs.CodeOf(err) == errs.NotFound:
		return nil
	case err != nil:
		return err
	case json.Unmarshal(content, out) != nil:
		return errs.New(errs.Internal, "What the vault holds is not what was put there.", "")
	}
	return nil
}
