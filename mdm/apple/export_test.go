package apple

import "testing"

// Unpublished says what is wrong with a profile by the table of what Apple publishes.
func Unpublished(t testing.TB, profile []byte, is Traits) []string {
	return published(t).profile(profile, is)
}
