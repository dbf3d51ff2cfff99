package kit

import "strings"

// BankName is what pages call a bank by its id: Bank A for a.
func BankName(id string) string { return "Bank " + strings.ToUpper(id) }
