// Package reviews is the book of prompts to look at the school's policy again. Every
// technical change asks for that: another bank or another machine in its place, other
// rules for school devices, other software on the server or on a bank. A prompt stays
// until somebody of the leadership has answered it.
//
// The book is a fold over the school's ledger. It makes its prompts of the records of
// others, and writes two kinds itself:
//
//	software-changed  of, version                               of: school, or a bank's id
//	review-answered   by, person, prompts, outcome, content, commitment
//
// prompts are the numbers of the records that asked; the words lie in the vault. A
// school that is being set up is not asked: nothing prompts in the first two weeks of
// its ledger.
package reviews
