package main

import (
	"html"
	"regexp"
)

// A crawler finds the pages of a site by following their links.
type crawler struct {
	get   func(address string) (body string, err error)
	route func(address string) string // that answers an address
	each  int                         // pages looked at of one route
}

// maxCrawl bounds the pages looked at in all.
const maxCrawl = 2000

// linked is one page found.
type linked struct{ route, address string }

var hrefs = regexp.MustCompile(`href="(/[^"]*)"`)

// from follows links breadth first, from given addresses.
func (c crawler) from(addresses ...string) ([]linked, error) {
	var found []linked
	seen, count := map[string]bool{}, map[string]int{}
	for n := 0; len(addresses) > 0 && n < maxCrawl; n++ {
		at := addresses[0]
		addresses = addresses[1:]
		route := c.route(at)
		if seen[at] || route == "" || count[route] >= c.each {
			continue
		}
		seen[at] = true
		count[route]++
		found = append(found, linked{route, at})
		body, err := c.get(at)
		if err != nil {
			return nil, err
		}
		for _, m := range hrefs.FindAllStringSubmatch(body, -1) {
			addresses = append(addresses, html.UnescapeString(m[1]))
		}
	}
	return found, nil
}
