package print

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The list names every door once, on as many pages as it takes, each with its own
// heading, and is the same file for the same day.
func TestDoors(t *testing.T) {
	var lines []DoorLine
	for n := 1; n <= 100; n++ {
		lines = append(lines, DoorLine{Bank: "Bank A", Door: n, Name: fmt.Sprintf("Zoë Number%d", n), Form: "7A"})
	}
	made := time.Date(2026, 11, 23, 8, 55, 0, 0, time.UTC)
	var first, second bytes.Buffer
	if err := Doors(&first, "Elmfield Academy", lines, made); err != nil {
		t.Fatal(err)
	}
	if err := Doors(&second, "Elmfield Academy", lines, made); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("the same list twice differs, %v", err)
	}
	path := filepath.Join(t.TempDir(), "list.pdf")
	if err := os.WriteFile(path, first.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	if n := strings.Count(text, "As of 08:55 on Monday 23 November 2026"); n != 3 || strings.Count(text, "Zoë Number") != 100 {
		t.Errorf("%d pages, %d names:\n%s", n, strings.Count(text, "Zoë Number"), text)
	}
	if err := Doors(&first, "", make([]DoorLine, MaxLines+1), made); err == nil {
		t.Error("a list without end")
	}
}
