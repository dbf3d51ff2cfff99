package axetest

import (
	"context"
	_ "embed"
	"encoding/json"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed focus.js
var focus string

// Stop is what the keyboard's focus is on, as people who use it are told and
// shown.
type Stop struct {
	Role, Name string // by the browser's accessibility tree; empty for the page itself

	Group   []string `json:"group"`   // what there is to choose from, of a group of radio buttons
	Checked bool     `json:"checked"` // of a radio button or a tick
	Shown   bool     `json:"shown"`   // looks otherwise than without the focus
	Within  bool     `json:"within"`  // some of it is inside the window, and not covered
	HTML    string   `json:"html"`    // the beginning of it
}

// Key presses keys, one after the other.
func (tab *Tab) Key(keys string) {
	tab.t.Helper()
	tab.Do(chromedp.KeyEvent(keys))
}

// Tabbed presses the Tab key once and gives what has the focus then.
func (tab *Tab) Tabbed() Stop {
	tab.t.Helper()
	tab.remember()
	tab.Key("\t")
	return tab.Focus()
}

// remember notes how everything that may get the focus looks without it.
func (tab *Tab) remember() {
	tab.t.Helper()
	Eval[bool](tab, focus+";__focus.remember()")
}

// Focus gives what has the focus.
func (tab *Tab) Focus() Stop {
	tab.t.Helper()
	s := Eval[Stop](tab, focus+";__focus.stop()")
	ctx, cancel := context.WithTimeout(tab.Ctx, within)
	defer cancel()
	node, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "document.activeElement || document.body"})
	if err != nil {
		tab.t.Fatal(err)
	}
	alone := false
	tree, err := chromedp.Call(ctx, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{ObjectID: node.Result.ObjectID, FetchRelatives: &alone})
	if err != nil || len(tree.Nodes) == 0 {
		tab.t.Fatalf("what has the focus is not in the accessibility tree: %v\n%s", err, s.HTML)
	}
	s.Role, s.Name = text(tree.Nodes[0].Role), text(tree.Nodes[0].Name)
	return s
}

func text(v *accessibility.Value) (s string) {
	if v != nil {
		_ = json.Unmarshal(v.Value, &s) // what is no text has no name
	}
	return s
}

// TabTo presses Tab until the JavaScript expression is true, as often as a person
// has the patience for.
func (tab *Tab) TabTo(there string) {
	tab.t.Helper()
	for range 80 {
		if Eval[bool](tab, there) {
			return
		}
		tab.Key("\t")
	}
	tab.t.Fatalf("the keyboard does not reach %s", there)
}
