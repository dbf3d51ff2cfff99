package school

import "regexp"

var idForm = regexp.MustCompile(`^[a-z0-9-]{1,36}$`)

// ValidID reports whether text has the form of every id: of people, banks,
// grants, bars and devices.
func ValidID(text string) bool { return idForm.MatchString(text) }
