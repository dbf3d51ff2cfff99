package board

import "fmt"

// upkeep is what is the matter with a bank's computer, by its own word. A bank
// that is away is one problem already, and so are doors that do not answer.
func (s *scene) upkeep(b bankNow) []advice {
	if !b.Online {
		return nil
	}
	var list []advice
	for _, p := range b.State.Problems {
		if p.Doors() {
			continue
		}
		what, next := p.Words()
		a := advice{Key: fmt.Sprintf("upkeep-%s-%s-%d", b.ID, p.Code, len(list)), What: b.Short() + ": " + what, Next: next, gravity: graveUpkeep, since: p.Since}
		a.Links = []link{bankLink(a.Key, b)}
		list = append(list, a)
	}
	return list
}
