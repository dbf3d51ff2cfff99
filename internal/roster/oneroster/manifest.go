package oneroster

import "github.com/bellkeep/bellkeep/internal/roster/sheet"

// manifest checks that the export is one this package reads, and whole.
func (r *reader) manifest() {
	const file = "manifest.csv"
	lineOf, value := map[string]int{}, map[string]string{}
	pick := sheet.Exactly([]string{"propertyName", "value"}, "propertyName", "value")
	r.sheet(file, pick, func(line int, cells []string) {
		if first := lineOf[cells[0]]; first != 0 {
			r.fault(file, line, "this property stands on line %d already", first)
		}
		lineOf[cells[0]], value[cells[0]] = line, cells[1]
	})
	if len(r.faults.List()) > 0 {
		return
	}
	if v := value["manifest.version"]; v != "1.0" {
		r.fault(file, lineOf["manifest.version"], "manifest.version must be 1.0")
	}
	switch value["oneroster.version"] {
	case "1.1":
	case "1.2":
		r.fault(file, lineOf["oneroster.version"], "the export is OneRoster 1.2; choose 1.1 when exporting")
		return
	default:
		r.fault(file, lineOf["oneroster.version"], "oneroster.version must be 1.1")
	}
	for _, name := range []string{"file.orgs", "file.users", "file.classes", "file.enrollments"} {
		switch value[name] {
		case "bulk":
		case "delta":
			r.fault(file, lineOf[name], "%s is delta, which does not say who has left; export all as bulk", name)
		default:
			r.fault(file, lineOf[name], "%s must be bulk", name)
		}
	}
}
