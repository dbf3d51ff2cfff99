package fleet

import (
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// platforms are what a device may be, with what people call it.
var platforms = []kit.Option{
	{Value: "headwind", Text: "Android phone or tablet", Hint: "With the Headwind agent."},
	{Value: "linux", Text: "Laptop with Linux"},
	{Value: "apple", Text: "iPad or iPhone", Hint: "Under Apple’s management. Many at once, with their serial numbers: on the page iPads."},
	{Value: "ipad", Text: "iPad, on the register only", Hint: "Nothing here manages it, and it follows no rules."},
	{Value: "iphone", Text: "iPhone, on the register only", Hint: "As such an iPad."},
	{Value: "pretend", Text: "Pretend device", Hint: "For trying things out."},
}

func platformWords(id string) string {
	for _, o := range platforms {
		if o.Value == id {
			return o.Text
		}
	}
	return id
}

// flags are the needs that outrank a rule. Which need it is, and why, is written
// nowhere.
var flags = []kit.Option{
	{Value: string(mdm.Assistive), Text: "Its user relies on Bluetooth", Hint: "Bluetooth is never turned off. No reason is recorded."},
	{Value: string(mdm.Classroom), Text: "The teacher’s classroom app finds it by Bluetooth"},
}

func flagWords(list []mdm.Flag) string {
	var words []string
	for _, f := range list {
		for _, o := range flags {
			if o.Value == string(f) {
				words = append(words, o.Text)
			}
		}
	}
	return strings.Join(words, "; ")
}

// passcodeWords say how it is known that a device asks for a passcode.
func passcodeWords(c fleet.Confirmation) string {
	switch c {
	case fleet.Reported:
		return "Set, by the device’s own report"
	case fleet.Assumed:
		return "Asked for; the device cannot confirm it"
	case fleet.Seen:
		return "Seen by whoever handed it over"
	}
	return "Not confirmed"
}

// called is a person's name and form.
func (p *pages) called(id string) string {
	if v, ok := p.Visitors.Visit(id); ok {
		return v.Called() + " (visitor)"
	}
	person, ok := p.People.Person(id)
	switch {
	case !ok || person.Name() == "":
		return "Not known (" + id + ")"
	case person.Form != "":
		return person.Name() + " (" + person.Form + ")"
	}
	return person.Name()
}

// day is a day for people, "" for none.
func (p *pages) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.Now().Location()).Format("2 January 2006")
}

// when is a moment for people, "" for none.
func (p *pages) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.Now().Location()).Format("2 January 2006, 15:04")
}

func number(n int) string { return strconv.Itoa(n) }
