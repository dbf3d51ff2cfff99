package school

import "testing"

func TestFitsCountsCharacters(t *testing.T) {
	for text, want := range map[string]bool{"": true, "Zoë": true, "Zoé’s": false, "\xff": false} {
		if Fits(text, 4) != want {
			t.Errorf("%q fits into 4 characters: %v", text, !want)
		}
	}
}
