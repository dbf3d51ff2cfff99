package axetest

// tooSmall are the beginnings of what a finger misses: targets under 44 px that
// are drawn, but for links in a sentence (WCAG 2.2, 2.5.8).
const tooSmall = `[...document.querySelectorAll("a:not(.govuk-skip-link), button, select, summary, input:not([type=hidden]):not(.govuk-radios__input):not(.govuk-checkboxes__input)")]
	.filter(e => !e.closest("[hidden], .govuk-error-summary__list") && e.getClientRects().length && e.getBoundingClientRect().height < 43.5)
	.filter(e => !(getComputedStyle(e).display === "inline" && e.parentElement.innerText.trim() !== e.innerText.trim()))
	.map(e => e.outerHTML.slice(0, 100))`

const sameIDs = `(ids => [...new Set(ids.filter((id, n) => ids.indexOf(id) !== n))])([...document.querySelectorAll("[id]")].map(e => e.id))`

// Looks takes a picture of the page under a name (see Shot), and fails the test
// for what axe-core finds in it, for a page wider than its window, for targets
// that a finger misses, and for ids that stand twice.
func (tab *Tab) Looks(name string) {
	tab.t.Helper()
	tab.Shot(name, true)
	tab.Clean()
	if over := Eval[int](tab, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		tab.t.Errorf("%s: %d px wider than the window", name, over)
	}
	for _, small := range Eval[[]string](tab, tooSmall) {
		tab.t.Errorf("%s: lower than 44 px: %s", name, small)
	}
	for _, id := range Eval[[]string](tab, sameIDs) {
		tab.t.Errorf("%s: two elements have the id %s", name, id)
	}
}
