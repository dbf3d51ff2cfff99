package passkey

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Wish is one thing that two people want a bank to do, as both sign it.
type Wish struct {
	Bank  string `json:"bank"`
	Door  int    `json:"door,omitempty"`
	Item  string `json:"item,omitempty"`
	Kind  string `json:"kind"`
	To    string `json:"to,omitempty"`
	Nonce string `json:"nonce"`
}

// Check refuses what could be read in two ways. Errors: plain ones.
func (w Wish) Check() error {
	for _, id := range []string{w.Bank, w.Kind, w.Nonce} {
		if !school.ValidID(id) {
			return fmt.Errorf("a wish lacks bank, kind or nonce")
		}
	}
	for _, id := range []string{w.Item, w.To} {
		if id != "" && !school.ValidID(id) {
			return fmt.Errorf("a wish names something by no id: %.40q", id)
		}
	}
	if w.Door < 0 {
		return fmt.Errorf("a wish is about door %d", w.Door)
	}
	return nil
}

// Bytes are the canonical bytes of a wish that passes Check: no other wish has them.
func (w Wish) Bytes() []byte {
	lines := []string{"bellkeep-wish-v1", w.Bank, strconv.Itoa(w.Door), w.Item, w.Kind, w.To, w.Nonce, ""}
	return []byte(strings.Join(lines, "\n"))
}

// Challenge is what an assertion of it answers.
func (w Wish) Challenge() [sha256.Size]byte { return sha256.Sum256(w.Bytes()) }
