package apple

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bellkeep/bellkeep/mdm"
)

// kind tells a rule that blocks what lists name from one that leaves only that.
func kind(v mdm.Value) (block, only bool) {
	var l mdm.Lists
	if err := json.Unmarshal([]byte(v), &l); err != nil { // checked before
		return false, false
	}
	return len(l.Block) > 0, len(l.Only) > 0
}

// apps hides the apps that lists name, or all others.
func (p *plan) apps(items []string, v mdm.Value, t Traits) mdm.Outcome {
	block, only := kind(v)
	if !block && !only {
		return mdm.Outcome{}
	}
	if why := Cannot(mdm.Apps, t); why != "" {
		return unsupported(why)
	}
	ids, left := exact(items)
	switch {
	case only && len(ids) == 0:
		return mdm.Outcome{State: mdm.Invalid, Detail: "no list names an app that could be left"}
	case only:
		p.keys[onlyApps] = ids
	case len(ids) > 0:
		p.keys[blockedApps] = ids
	}
	return partly(left)
}

// maxAddresses is about how many addresses Apple's filter takes.
const maxAddresses = 500

// web filters pages by their host.
func (p *plan) web(items []string, v mdm.Value, t Traits) mdm.Outcome {
	block, only := kind(v)
	if !block && !only {
		return mdm.Outcome{}
	}
	if why := Cannot(mdm.Web, t); why != "" {
		return unsupported(why)
	}
	hosts, left := exact(items)
	switch {
	case only && len(hosts) == 0:
		return mdm.Outcome{State: mdm.Invalid, Detail: "no list names an address that could be left"}
	case only && len(hosts) > maxAddresses, 2*len(hosts) > maxAddresses && block:
		return unsupported(fmt.Sprintf("Apple's filter takes about %d addresses; the lists name %d", maxAddresses, len(hosts)))
	case only:
		p.filter("AllowListBookmarks", bookmarks(hosts))
	case len(hosts) > 0:
		p.filter("DenyListURLs", addresses(hosts))
	}
	return partly(left)
}

func (p *plan) filter(key string, what []any) {
	p.keys[webFilter+"/FilterType"] = "BuiltIn"
	p.keys[webFilter+"/"+key] = what
}

// exact are the items without a wildcard; left is how many have one.
func exact(items []string) (ids []any, left int) {
	for _, item := range items {
		if strings.Contains(item, "*") {
			left++
		} else {
			ids = append(ids, item)
		}
	}
	return ids, left
}

// partly is the outcome of lists of which some items could not be asked for.
func partly(left int) mdm.Outcome {
	if left == 0 {
		return mdm.Outcome{}
	}
	return unsupported(fmt.Sprintf("Apple's rules know no wildcard; entries left out: %d; the others are asked for", left))
}

// addresses are a host's pages by either protocol.
func addresses(hosts []any) (urls []any) {
	for _, h := range hosts {
		urls = append(urls, "http://"+h.(string), "https://"+h.(string))
	}
	return urls
}

func bookmarks(hosts []any) (list []any) {
	for _, h := range hosts {
		list = append(list, map[string]any{"URL": "https://" + h.(string), "Title": h.(string)})
	}
	return list
}
