package kit

import (
	"strings"

	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// BankName is what pages call a bank by its id: Bank A for a.
func BankName(id string) string { return "Bank " + strings.ToUpper(id) }

// RoleName is a role as people say it.
func RoleName(r roles.Role) string {
	names := map[roles.Role]string{
		roles.Owner: "Owner", roles.Head: "Headteacher", roles.DSL: "Safeguarding lead (DSL)", roles.DeputyDSL: "Deputy safeguarding lead",
		roles.Leadership: "Leadership team", roles.Office: "Office", roles.Teacher: "Teacher", roles.Supply: "Supply teacher",
		roles.IT: "IT", roles.Exams: "Exams officer", roles.Governor: "Governor", roles.Chair: "Chair of governors",
	}
	return names[r]
}
