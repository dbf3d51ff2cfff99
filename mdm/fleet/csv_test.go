package fleet

import (
	"strings"
	"testing"
)

// Whoever mends a list goes through it from top to bottom, and so do its faults,
// whoever found them.
func TestFaultsAreToldByLine(t *testing.T) {
	s, err := OpenSheet("id,serial\na,1\nb,1\nragged\n", []string{"id", "serial"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range s.Rows {
		s.Once(row.Line, "serial number", row.Cell("serial"))
	}
	s.Fault(2, "the id is taken")
	got := strings.Split(s.Err().Error(), "\n")
	want := []string{"Line 2: the id is taken", "Line 3: serial number 1 stands in line 2 already", "Line 4: it is not CSV"}
	if len(got) != len(want) {
		t.Fatalf("told: %q", got)
	}
	for n := range want {
		if !strings.HasPrefix(got[n], want[n]) {
			t.Errorf("told in place %d: %q, want %q", n+1, got[n], want[n])
		}
	}
}
