package api

import (
	"slices"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Bank is one cabinet of doors.
type Bank struct {
	ID        string    `json:"id"`
	Label     string    `json:"label,omitempty"`
	Online    bool      `json:"online"`
	Heard     time.Time `json:"heard,omitzero" doc:"when its newest record was made; school time"`
	Records   uint64    `json:"records" doc:"of its ledger, taken in here"`
	Directory uint64    `json:"directory" doc:"version in force there"`
	Plan      uint64    `json:"plan" doc:"version in force there"`
	Refused   string    `json:"refused,omitempty" doc:"why its ledger is not followed any more"`
	Counts    Counts    `json:"counts"`
}

// BankList is all banks, by id.
type BankList struct {
	Items []Bank `json:"items"`
}

// BankPage is one bank with its doors.
type BankPage struct {
	Bank
	Problems []Issue `json:"problems"`
	Doors    []Door  `json:"doors" doc:"by number"`
}

// Door is one door of a bank.
type Door struct {
	Number int    `json:"number"`
	Bank   string `json:"bank"`
	State  string `json:"state" enum:"free,keeping,open,trouble,out-of-service,unknown"`
	Sensor string `json:"sensor" enum:"open,closed,unknown"`
	Person string `json:"person,omitempty" doc:"whose device is in it, or who is at it"`
}

func (a *api) bankOperations() []operation {
	return []operation{
		read("/banks", roles.SeeBoard, "All banks", a.bankList),
		read("/banks/:id", roles.SeeBoard, "One bank with its doors and problems", a.bankPage),
		read("/doors/:number", roles.SeeBoard, "One door", a.door),
	}
}

func (a *api) bankList(echo.Context) (BankList, error) {
	list := BankList{Items: []Bank{}}
	for _, b := range a.Banks.Banks() {
		list.Items = append(list.Items, bankOf(b))
	}
	return list, nil
}

func bankOf(b banks.Status) Bank {
	out := Bank{ID: b.Setup.Bank, Label: b.Label, Online: b.Online, Heard: b.Board.Heard, Records: b.Board.Size,
		Directory: b.Board.Directory.Version, Plan: b.Board.Plan.Version, Refused: b.Refused}
	out.Counts.add(b.Board.Counts)
	return out
}

func (a *api) bankPage(c echo.Context) (BankPage, error) {
	list := a.Banks.Banks()
	i := slices.IndexFunc(list, func(b banks.Status) bool { return b.Setup.Bank == kit.Param(c, "id") })
	if i < 0 {
		return BankPage{}, errs.New(errs.NotFound, "This school has no bank of that name.", "Ask for /api/v1/banks.")
	}
	page := BankPage{Bank: bankOf(list[i]), Problems: problemsOf(list[i], func(view.Problem) bool { return true }), Doors: []Door{}}
	for _, d := range list[i].Board.Doors {
		page.Doors = append(page.Doors, doorOf(page.ID, d))
	}
	return page, nil
}

func doorOf(bank string, d view.Door) Door {
	return Door{d.Number, bank, string(d.State), string(d.Contact), d.Person}
}

func (a *api) door(c echo.Context) (Door, error) {
	number, err := strconv.Atoi(kit.Param(c, "number"))
	if err == nil {
		for _, b := range a.Banks.Banks() {
			for _, d := range b.Board.Doors {
				if d.Number == number {
					return doorOf(b.Setup.Bank, d), nil
				}
			}
		}
	}
	return Door{}, errs.New(errs.NotFound, "No bank has a door of that number.", "Ask for a bank to see its doors.")
}
