package board

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var linked = regexp.MustCompile(`href="(/[^"]*)"`)

// Whoever may see the school, but no pupil's page, is led to none; the others are.
func TestNobodyIsLedToARefusal(t *testing.T) {
	h := handlerFor(t, newAcademy(true), withTrouble, func(c *setting) { c.Day = nil })
	for _, role := range []string{"it", "exams", "leadership"} {
		v := visit(t, h)
		v.signIn(role)
		refused, people := map[string]bool{}, 0
		for _, path := range []string{"/", "/?q=a", "/?q=12", "/bank/a", "/bank/a?show=in", "/door/5", "/door/12"} {
			text, err := io.ReadAll(v.get(path).Body)
			if err != nil {
				t.Fatal(err)
			}
			_, main, _ := strings.Cut(string(text), "<main")
			for _, m := range linked.FindAllStringSubmatch(main, -1) {
				if strings.HasPrefix(m[1], "/person/") {
					people++
				}
				if _, seen := refused[m[1]]; !seen && !strings.HasPrefix(m[1], "/door/") {
					refused[m[1]] = v.get(m[1]).StatusCode == http.StatusForbidden
				}
			}
		}
		for href, is := range refused {
			if is {
				t.Errorf("%s is led to %s and refused there", role, href)
			}
		}
		if (people > 0) != (role == "leadership") {
			t.Errorf("%s is led to %d people", role, people)
		}
	}
}
