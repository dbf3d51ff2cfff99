package office

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/attendance"
)

// mostPassed is how many of the lines passed over are named.
const mostPassed = 20

// digest names a set of marks: a person has looked at exactly these.
func digest(marks map[string]attendance.Mark) string {
	sum := sha256.New()
	for _, id := range slices.Sorted(maps.Keys(marks)) {
		fmt.Fprintf(sum, "%s %s\n", id, marks[id])
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// codeLines are the codes of a file, the commonest first.
func codeLines(codes map[string]int) []codeLine {
	var list []codeLine
	for code, n := range codes {
		meaning, _ := attendance.CodeOf(code)
		line := codeLine{Code: code, Words: meaning.Words, Count: n, Mark: "passed over"}
		if code == "" {
			line.Code = "(empty)"
		}
		if meaning.Mark != "" {
			line.Mark = markWords(meaning.Mark)
		}
		list = append(list, line)
	}
	slices.SortFunc(list, func(a, b codeLine) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Code, b.Code)) })
	return list
}

// lineWords names lines of a file; of many, the first.
func lineWords(lines []int) string {
	var words []string
	for _, n := range lines[:min(len(lines), mostPassed)] {
		words = append(words, number(n))
	}
	text := "line " + strings.Join(words, ", ")
	if len(lines) > 1 {
		text = "lines " + strings.Join(words, ", ")
	}
	if more := len(lines) - mostPassed; more > 0 {
		text += " and " + number(more) + " more"
	}
	return text
}

func sortPassed(list []passed) {
	slices.SortFunc(list, func(a, b passed) int { return strings.Compare(a.Why, b.Why) })
}
