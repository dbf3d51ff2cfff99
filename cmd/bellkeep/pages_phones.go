package main

import (
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/mdm/shadow"
	"github.com/bellkeep/bellkeep/web/school/phones"
)

// phonePages are the pages about phones with the stock Headwind agent; o is nil
// where no gateway is set up.
func phonePages(s *server.Server, o *headwindOptions) phones.Config {
	config := phones.Config{Phones: func() []phones.Phone { return phonesOf(s) }}
	if o != nil {
		config.Code = o.code
	}
	return config
}

// phonesOf are the phones that are managed, by id.
func phonesOf(s *server.Server) []phones.Phone {
	states := map[string]string{}
	for _, row := range s.Devices.Board().Rows {
		states[row.Device.ID] = phoneState(row)
	}
	var list []phones.Phone
	for _, d := range s.Fleet.Devices() {
		if d.Platform == headwind.Platform {
			list = append(list, phones.Phone{ID: d.ID, Label: d.Label, State: states[d.ID]})
		}
	}
	slices.SortFunc(list, func(a, b phones.Phone) int { return mdm.CompareIDs(a.ID, b.ID) })
	return list
}

// phoneState is what a phone last said, the gravest first.
func phoneState(row shadow.Row) string {
	if row.Said == nil {
		return "not set up yet"
	}
	for _, state := range []mdm.State{mdm.Failure, mdm.Updating, mdm.Assumed} {
		for _, o := range row.Said.Set {
			if o.State == state {
				said, _, _ := strings.Cut(o.Detail, ";") // what follows is about one setting
				return said
			}
		}
	}
	return "nothing is asked of it that it can do"
}
