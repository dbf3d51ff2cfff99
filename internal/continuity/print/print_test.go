package print

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/continuity"
)

// Whatever somebody typed, and however often a device moved, there is a paper.
func TestPDF(t *testing.T) {
	paper := Paper{School: "Ysgol Łódź 🏫\nII", Item: "i-1", About: []Fact{{"Whose", "Zoë 陳 \x00" + strings.Repeat("long", 80)}}, Sum: strings.Repeat("ab", 32), File: "continuity-i-1.json",
		Later: 2, Made: time.Date(2026, 11, 24, 10, 8, 0, 0, time.UTC), Report: continuity.Report{Ledgers: []continuity.Proved{{Origin: "bellkeep/e/1", Key: "bellkeep/e/1+00+AA", Size: 9, Root: "AA=", Records: 3}}}}
	for n := range 80 {
		paper.Moves = append(paper.Moves, Move{At: fmt.Sprint(n), What: "Behind door 1101 of bank e", By: strings.Repeat("A long name ", n%7), Record: "bank e, epoch 1, 12"})
	}
	var pdf bytes.Buffer
	if err := PDF(&pdf, paper); err != nil || !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF")) {
		t.Fatal(err)
	}
	if text := Anchor(paper.Sum, paper.Report); text != "BKS1 "+paper.Sum+" bellkeep/e/1 9 AA=" {
		t.Errorf("the code says %q", text)
	}
}
