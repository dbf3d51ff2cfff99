package board

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/web/school/kit"
)

// onDevicePage is how many devices a page of the board shows.
const onDevicePage = 200

// deviceQuery says which devices somebody looks at.
type deviceQuery struct {
	State DeviceState // "" for all
	Group string      // "" for all
	Q     string      // part of a label or an id
	From  int         // place of the first in the list
}

const maxDeviceQuery = 64 // bytes

func readDeviceQuery(get func(string) string) (q deviceQuery) {
	q = deviceQuery{State: DeviceState(get("state")), Group: get("group"), Q: strings.TrimSpace(get("q"))}
	if !slices.Contains(deviceStates, q.State) {
		q.State = ""
	}
	if len(q.Group) > maxDeviceQuery || !utf8.ValidString(q.Group) {
		q.Group = ""
	}
	if len(q.Q) > maxDeviceQuery || !utf8.ValidString(q.Q) {
		q.Q = ""
	}
	if n, err := strconv.Atoi(get("from")); err == nil {
		q.From = max(0, n)
	}
	return q
}

// with is the address of the same list, but for its state and where it begins.
func (q deviceQuery) with(state DeviceState, from int) template.URL {
	q.State, q.From = state, from
	if v := q.values(); len(v) > 0 {
		return template.URL("/devices?" + v.Encode()) // encoded right here
	}
	return "/devices"
}

func (q deviceQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"state": string(q.State), "group": q.Group, "q": q.Q} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.From > 0 {
		v.Set("from", strconv.Itoa(q.From))
	}
	return v
}

// holds reports whether a device is looked for, in whatever state.
func (q deviceQuery) holds(row DeviceRow) bool {
	if q.Group != "" && !slices.Contains(row.Groups, q.Group) {
		return false
	}
	words := strings.ToLower(q.Q)
	return words == "" || strings.Contains(strings.ToLower(row.Label), words) || strings.Contains(row.ID, words)
}

// deviceTab is one state of devices and how many are in it.
type deviceTab struct {
	Key     DeviceState // "" for all
	Title   string
	Count   int
	Current bool
	Href    template.URL
}

// deviceTabs counts devices by state, those that are in any; nil when there are none.
func (s *scene) deviceTabs(q deviceQuery) []deviceTab {
	if len(s.devices) == 0 {
		return nil
	}
	counts := map[DeviceState]int{}
	for _, row := range s.devices {
		if q.holds(row) {
			counts[row.State]++
			counts[""]++
		}
	}
	list := []deviceTab{{Title: "All", Count: counts[""], Current: q.State == "", Href: q.with("", 0)}}
	for _, state := range deviceStates {
		if counts[state] == 0 && state != q.State && state != DeviceInForce {
			continue
		}
		list = append(list, deviceTab{Key: state, Title: deviceWords(state), Count: counts[state], Current: q.State == state, Href: q.with(state, 0)})
	}
	return list
}

// deviceGroup is how the devices of a group stand that are for one thing now.
type deviceGroup struct {
	Name, Mode string
	Href       template.URL
	All        int
	InForce    int
	Pending    int
	Wrong      int // not as they must be, refused, late, or waiting for their user
	Unknown    int // offline, only assumed, or never seen
}

// deviceGroups counts devices by group and by what they are for now, sorted. A
// device of two groups counts in both.
func (s *scene) deviceGroups() []deviceGroup {
	found := map[deviceGroup]*deviceGroup{} // by name and mode
	var list []*deviceGroup
	for _, row := range s.devices {
		for _, name := range row.Groups {
			key := deviceGroup{Name: name, Mode: row.Mode}
			if found[key] == nil {
				found[key] = &deviceGroup{Name: name, Mode: row.Mode, Href: deviceQuery{Group: name}.with("", 0)}
				list = append(list, found[key])
			}
			found[key].count(row.State)
		}
	}
	slices.SortFunc(list, func(a, b *deviceGroup) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Mode, b.Mode))
	})
	var out []deviceGroup
	for _, g := range list {
		out = append(out, *g)
	}
	return out
}

func (g *deviceGroup) count(state DeviceState) {
	g.All++
	switch state {
	case DeviceInForce:
		g.InForce++
	case DevicePending:
		g.Pending++
	case DeviceViolating, DeviceRejected, DeviceLate, DeviceAwaits:
		g.Wrong++
	default:
		g.Unknown++
	}
}

// devicesData is what the sections of the device board get.
type devicesData struct {
	moment
	deviceQuery
	Tabs   []deviceTab
	Groups []deviceGroup
	Cards  []deviceCard
	Count  int // in the list
	First  int // from 1
	Last   int
	Back   template.URL // "" on the first page
	Next   template.URL // "" on the last
}

// deviceCard is one device in a list, rendered.
type deviceCard struct {
	ID   string
	Text template.HTML
}

// devicesPage is the device board: those in a state, of a group, with words in their
// name, a page of them at a time.
func (o *pages) devicesPage(get func(string) string, _ reader, _ *scene) (livePage, error) {
	q := readDeviceQuery(get)
	return livePage{name: "devices", title: "Devices", query: q.values(), draw: func(s *scene) (any, []part) {
		d := devicesData{moment: s.moment(), deviceQuery: q, Tabs: s.deviceTabs(q), Groups: s.deviceGroups()}
		var rows []DeviceRow
		for _, row := range s.devices {
			if q.holds(row) && (q.State == "" || row.State == q.State) {
				rows = append(rows, row)
			}
		}
		rows = d.page(rows)
		list := part{name: "device-list", template: "device-list", key: " "}
		var cards []part
		for _, row := range rows {
			card := deviceCard{row.ID, o.drawn.text(o.Kit, s, row)}
			d.Cards = append(d.Cards, card)
			cards = append(cards, part{name: "device-" + row.ID, template: "device-card", data: s.deviceLine(row), text: card.Text, of: list.name})
			list.key += row.ID + " "
		}
		list.key += strconv.Itoa(d.Count)
		list.data = d
		return d, slices.Concat(parts(d, "asof", "device-tabs", "device-groups"), []part{list}, cards)
	}}, nil
}

// page is the part of rows that is shown.
func (d *devicesData) page(rows []DeviceRow) []DeviceRow {
	d.Count = len(rows)
	from := d.From / onDevicePage * onDevicePage
	if from >= len(rows) {
		from = 0
	}
	to := min(from+onDevicePage, len(rows))
	d.First, d.Last = from+1, to
	if from > 0 {
		d.Back = d.with(d.State, from-onDevicePage)
	}
	if to < len(rows) {
		d.Next = d.with(d.State, to)
	}
	return rows[from:to]
}

// deviceCards keeps what was rendered of each device: at a bell hundreds change, and
// between bells hardly one.
type deviceCards struct {
	mu   sync.Mutex
	kept map[string]keptCard
}

type keptCard struct {
	row  DeviceRow
	text template.HTML
}

// mostCards bounds them.
const mostCards = 10_000

// text is a device's card; "" when it cannot be rendered, which whoever renders the
// page finds out again and says.
func (c *deviceCards) text(k *kit.Kit, s *scene, row DeviceRow) template.HTML {
	c.mu.Lock()
	kept, ok := c.kept[row.ID]
	c.mu.Unlock()
	if ok && kept.row.equal(row) {
		return kept.text
	}
	text, err := k.Text("devices", "device-card", s.deviceLine(row))
	if err != nil {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= mostCards {
		c.kept = map[string]keptCard{}
	}
	c.kept[row.ID] = keptCard{row, template.HTML(text)} // html/template made it
	return template.HTML(text)
}

// equal reports whether two rows show the same.
func (d DeviceRow) equal(o DeviceRow) bool {
	return d.ID == o.ID && d.Label == o.Label && d.Mode == o.Mode && d.State == o.State && d.Since.Equal(o.Since) && d.Online == o.Online && d.AsOf.Equal(o.AsOf) &&
		d.Rev == o.Rev && d.Applied == o.Applied && d.Refused == o.Refused && slices.Equal(d.Groups, o.Groups) && slices.Equal(d.Settings, o.Settings)
}
