package clauses

// BuiltIn are rules that hold in every school, whatever its policy says.
var BuiltIn = map[string]string{
	"app-and-site-lists":     "School devices block the apps and sites of the school’s lists, or are left those alone, where its profiles say so.",
	"backup-sealed":          "What leaves the server as a backup is sealed to a key that only the school has; what goes to banks and devices goes by TLS.",
	"collection-window":      "A device goes back to its pupil in the calendar’s collection window, and outside it only by a permission or an order on record.",
	"device-settings":        "A school device is told its settings, and counts as violating them until it says itself that they hold.",
	"evidence-two-people":    "What may be evidence goes behind an evidence door and out of it to the police only when two people have signed that with passkeys the bank itself knows.",
	"filtering-two-people":   "What alters sharing, apps or sites on school devices has its risk written down, and two people review it: one who knows devices and one who knows pupils.",
	"leavers-cut-off":        "Whoever has left the roll can act nowhere any more.",
	"lesson-profile":         "In lessons, school devices have Bluetooth, AirDrop and cameras as the timetable wants them.",
	"mail-only-encrypted":    "E-mail leaves over TLS only, and says no more than: please contact the office.",
	"no-deletion-of-images":  "What may be an indecent image is deleted by nobody here, and nothing is while a hold stands.",
	"no-device-in-exams":     "A paper is not marked clear while nobody knows where a candidate’s device is, and no candidate gets one back before their own finish.",
	"one-place":              "A confiscated device is in one known place at every moment: behind a door, in a named person’s hands, or in a named spot.",
	"tray-until-the-end":     "What a class teacher took in goes back at the end of the school day, not before, and never past a stop or a hold.",
	"visitor-breach-told":    "A breach by a visitor is told to the safeguarding lead, and stays open until they have taken note.",
	"unattended-pages-lock":  "A page of Bellkeep that nobody touches locks, and its session ends.",
	"weak-passwords-refused": "A password that is short, commonly used, or made of the school’s or the account’s name is refused.",
	"visitors-end":           "A visitor’s account is for named forms and ends on the day it was given.",
	"passcode-first":         "Nobody is given a school device before it has confirmed its passcode, or a person has seen it.",
	"told-of-breaches":       "The safeguarding lead is told at once of every breach of the filter that somebody writes down, unless it is about them.",
	"quarantine":             "A school device kept as evidence is neither wiped, changed, retired nor handed on until two people end that, with the police’s advice on record.",
	"signed-first":           "Nobody is given a school device who has not signed the school’s agreement on acceptable use.",
	"profile-offline":        "A school device keeps its settings away from school and without a network, by its own clock.",
}
