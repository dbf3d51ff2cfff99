package programs

import (
	"cmp"
	"html/template"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/tokens"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// funcs are what the templates call.
var funcs = template.FuncMap{
	"scopes": scopes,
	"can":    can,
	"date":   func(t time.Time) string { return t.Format("2 January 2006") },
	"last":   func(t time.Time) string { return t.Add(-time.Nanosecond).Format("2 January 2006") },
	"moment": func(t time.Time) string { return t.Format("2 January 2006, 15:04") },
}

// scopes are the choices of the form.
func scopes() []kit.Option {
	var list []kit.Option
	for _, p := range tokens.Scopes() {
		list = append(list, kit.Option{Value: string(p), Text: can(p), Hint: string(p)})
	}
	return list
}

// can says what a program with a permission can do.
func can(p roles.Permission) string { return cmp.Or(permissionWords[p], string(p)) }

var permissionWords = map[roles.Permission]string{
	roles.SeeBoard:         "See the banks, doors and problems",
	roles.SeeForm:          "See forms: who is in, who is missing",
	roles.SeePerson:        "See people and how they stand",
	roles.SeeHistory:       "See what was recorded about a pupil",
	roles.SeeDevices:       "See school devices",
	roles.SeeDeviceRules:   "See what school devices must be",
	roles.SeeFigures:       "See figures without names",
	roles.SeeAudit:         "See who did what",
	roles.SeeReasons:       "See why a pupil is exempt",
	roles.MarkAttendance:   "Mark attendance",
	roles.DepositAtDesk:    "Record devices handed in at the desk",
	roles.LeaveEarly:       "Let a pupil collect early, once",
	roles.StopPerson:       "See and end stops, and send a pupil to the office",
	roles.RunExams:         "Run exam sittings",
	roles.Invigilate:       "Clear papers and record what happens in them",
	roles.KeepBackups:      "See how backups stand, and have one made",
	roles.PlaceHold:        "Place a hold",
	roles.SeeHolds:         "See holds",
	roles.QuarantineDevice: "See and place quarantines of school devices",
	roles.SeeDeclarations:  "See what staff declare of their ties",
	roles.ChallengeVisitor: "Record that a visitor was asked about their device",
	roles.KeepAgreements:   "See who has signed which agreement",
	roles.FoundItem:        "Record a device without an owner",
	roles.ReviewPolicy:     "See what prompts a review of the policy",
	roles.KeepTray:         "See class trays",
	roles.Confiscate:       "Record a confiscation",
	roles.SeeCases:         "See confiscations",
	roles.MoveItem:         "Record where a device is",
	roles.SendNotice:       "Prepare and send notices",
	roles.AskException:     "Ask for an exception",
	roles.ReplaceBadge:     "See and replace badges",
	roles.PrintLists:       "Print lists",
	roles.Evacuate:         "See whether the building is being left",
	roles.LoseAccess:       "See whether access to the lockers is lost",
	roles.TakeKey:          "See which keys of banks are out",
	roles.ManagePeople:     "Change the roll",
	roles.ManageDevices:    "Change devices",
	roles.SeeAccess:        "See who may sign in",
	roles.SeePolicy:        "See the school's rules",
}
