package main

import "crypto/subtle"

// demoAccounts are the two accounts of a demonstration, with one password that
// everybody may know.
type demoAccounts struct{}

// Check takes the same time whoever asks.
func (demoAccounts) Check(user, password string) (role string, ok bool) {
	right := subtle.ConstantTimeCompare([]byte(password), []byte(demoSecret))
	for _, name := range []string{demoUser, demoSecond} {
		if subtle.ConstantTimeCompare([]byte(user), []byte(name))&right == 1 {
			role = name
		}
	}
	return role, role != ""
}
