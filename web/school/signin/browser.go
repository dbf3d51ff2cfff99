package signin

import "strings"

// browser names a browser and its system from what it says of itself, for a list
// in which somebody is to know their own again.
func browser(agent string) string {
	first := func(names ...string) string {
		for _, n := range names {
			mark, name, _ := strings.Cut(n, "=")
			if strings.Contains(agent, mark) {
				return name
			}
		}
		return ""
	}
	program := first("Edg/=Edge", "OPR/=Opera", "Firefox/=Firefox", "Chrome/=Chrome", "Safari/=Safari")
	system := first("Android=Android", "iPhone=iPhone", "iPad=iPad", "CrOS=Chromebook", "Windows=Windows", "Macintosh=Mac", "Linux=Linux")
	switch {
	case program == "" && system == "":
		return "Unknown browser"
	case program == "" || system == "":
		return program + system
	}
	return program + " on " + system
}
