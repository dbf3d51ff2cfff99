package attendance

import "strings"

// Code is one of the codes that schools in England mark a session with, as the
// Department for Education lists them ("Working together to improve school
// attendance", from August 2024), or a plain word for one.
type Code struct {
	Mark  Mark // "" says nothing of the day
	Words string
}

var codes = map[string]Code{
	"/":  {Present, "present in the morning"},
	`\`:  {Present, "present in the afternoon"},
	"L":  {Late, "late, before the register closed"},
	"U":  {Late, "late, after the register closed"},
	"K":  {Absent, "education arranged by the local authority"},
	"V":  {Absent, "educational visit"},
	"P":  {Absent, "sporting activity"},
	"W":  {Absent, "work experience"},
	"B":  {Absent, "education elsewhere"},
	"D":  {Absent, "at another school"},
	"C":  {Absent, "leave of absence"},
	"C1": {Absent, "leave for a performance"},
	"C2": {Absent, "part-time timetable"},
	"E":  {Absent, "suspended or excluded"},
	"G":  {Absent, "holiday without leave"},
	"I":  {Absent, "ill"},
	"J1": {Absent, "interview"},
	"M":  {Absent, "medical appointment"},
	"N":  {Absent, "no reason yet"},
	"O":  {Absent, "absent without leave"},
	"Q":  {Absent, "no access arranged"},
	"R":  {Absent, "religious observance"},
	"S":  {Absent, "study leave"},
	"T":  {Absent, "travelling for work of the parents"},
	"X":  {Absent, "not required to attend"},
	"Y1": {Absent, "no transport"},
	"Y2": {Absent, "widespread disruption to travel"},
	"Y3": {Absent, "part of the school closed"},
	"Y4": {Absent, "whole site closed"},
	"Y5": {Absent, "in criminal justice detention"},
	"Y6": {Absent, "public health guidance"},
	"Y7": {Absent, "another unavoidable cause"},
	"Z":  {"", "not on the roll yet"},
	"#":  {"", "school closed"},
	"-":  {"", "not marked"},
	"":   {"", "not marked"},

	"PRESENT": {Present, "present"},
	"LATE":    {Late, "late"},
	"ABSENT":  {Absent, "absent"},
}

// CodeOf reads one, in capital or small letters.
func CodeOf(text string) (Code, bool) {
	c, ok := codes[strings.ToUpper(strings.TrimSpace(text))]
	return c, ok
}
