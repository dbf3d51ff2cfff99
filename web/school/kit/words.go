package kit

import (
	"strings"

	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// BankName is what pages call a bank by its id: Bank A for a.
func BankName(id string) string { return "Bank " + strings.ToUpper(id) }

// BankTitle is the whole name of a bank: Bank A, main entrance. A label may begin with
// the bank's name or leave it out.
func BankTitle(id, label string) string {
	name := BankName(id)
	if label == "" || strings.HasPrefix(strings.ToLower(label), "bank ") {
		return strings.TrimSpace(name + strings.TrimPrefix(label, name))
	}
	return name + ", " + label
}

// RoleName is a role as people say it.
func RoleName(r roles.Role) string {
	names := map[roles.Role]string{
		roles.Owner: "Owner", roles.Head: "Headteacher", roles.DSL: "Safeguarding lead (DSL)", roles.DeputyDSL: "Deputy safeguarding lead",
		roles.Leadership: "Leadership team", roles.Office: "Office", roles.Teacher: "Teacher", roles.Supply: "Supply teacher",
		roles.IT: "IT", roles.Exams: "Exams officer", roles.Governor: "Governor", roles.Chair: "Chair of governors",
	}
	return names[r]
}
