package programs

import (
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
func can(p roles.Permission) string {
	switch p {
	case roles.SeeBoard:
		return "See the banks, doors and problems"
	case roles.SeeForm:
		return "See forms: who is in, who is missing"
	case roles.SeePerson:
		return "See people and how they stand"
	case roles.SeeHistory:
		return "See what was recorded about a pupil"
	case roles.SeeDevices:
		return "See school devices"
	case roles.SeeDeviceRules:
		return "See what school devices must be"
	case roles.SeeFigures:
		return "See figures without names"
	case roles.SeeAudit:
		return "See who did what"
	case roles.SeeReasons:
		return "See why a pupil is exempt"
	case roles.MarkAttendance:
		return "Mark attendance"
	case roles.DepositAtDesk:
		return "Record devices handed in at the desk"
	case roles.LeaveEarly:
		return "Let a pupil collect early, once"
	case roles.StopPerson:
		return "See and end stops, and send a pupil to the office"
	case roles.RunExams:
		return "Run exam sittings"
	case roles.Invigilate:
		return "Clear papers and record what happens in them"
	case roles.KeepBackups:
		return "See how backups stand, and have one made"
	case roles.PlaceHold:
		return "Place a hold"
	case roles.SeeHolds:
		return "See holds"
	case roles.QuarantineDevice:
		return "See and place quarantines of school devices"
	case roles.SeeDeclarations:
		return "See what staff declare of their ties"
	case roles.ChallengeVisitor:
		return "Record that a visitor was asked about their device"
	case roles.KeepAgreements:
		return "See who has signed which agreement"
	case roles.FoundItem:
		return "Record a device without an owner"
	case roles.ReviewPolicy:
		return "See what prompts a review of the policy"
	case roles.KeepTray:
		return "See class trays"
	case roles.Confiscate:
		return "Record a confiscation"
	case roles.SeeCases:
		return "See confiscations"
	case roles.MoveItem:
		return "Record where a device is"
	case roles.SendNotice:
		return "Prepare and send notices"
	case roles.AskException:
		return "Ask for an exception"
	case roles.ReplaceBadge:
		return "See and replace badges"
	case roles.PrintLists:
		return "Print lists"
	case roles.Evacuate:
		return "See whether the building is being left"
	case roles.LoseAccess:
		return "See whether access to the lockers is lost"
	case roles.TakeKey:
		return "See which keys of banks are out"
	case roles.ManagePeople:
		return "Change the roll"
	case roles.ManageDevices:
		return "Change devices"
	case roles.SeeAccess:
		return "See who may sign in"
	case roles.SeePolicy:
		return "See the school's rules"
	}
	return string(p)
}
