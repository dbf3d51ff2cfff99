package main

import "testing"

// The office's day.
func TestWalkOffice(t *testing.T) {
	w := openWorkday(t)
	office := w.signedIn(t, "office", atDesk)
	office.sees("Bank A")
}
