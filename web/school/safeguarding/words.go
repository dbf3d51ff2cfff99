package safeguarding

import (
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
)

var stateWords = map[concern.State]string{concern.Todo: "Open", concern.Done: "Done", concern.NotNeeded: "Not needed"}

var kindWords = map[concern.Kind]string{
	concern.Note: "Note", concern.Assessment: "Risk assessment", concern.Told: "Somebody was told", concern.Viewing: "Content was viewed",
	concern.Police: "From the police", concern.Support: "Support", concern.Lessons: "Debrief and lessons",
}

var kindHints = map[concern.Kind]string{
	concern.Told:    "A parent, a carer, an agency: whom, by whom, how. A person decides; nothing is ever sent by itself",
	concern.Viewing: "The safeguarding lead alone, only where there is no other way. Write down why it had to be, who was there, and what was and was not opened",
	concern.Police:  "What they ask, or allow, with their reference",
}

// recordWords says what an entry is.
func recordWords(e concern.Entry) string {
	if e.Record == concern.KindEntry {
		return kindWords[e.Kind]
	}
	return map[string]string{
		concern.KindOpened: "Concern raised", concern.KindSorted: "Sorted anew", concern.KindDevice: "A device came into the file", concern.KindAcknowledged: "In hand",
		concern.KindStep: "Checklist", concern.KindCorrection: "Correction", concern.KindAction: "Planned", concern.KindActionDone: "What came of it",
		concern.KindDeletion: "Copies deleted", concern.KindLooked: "Read", concern.KindExported: "Exported or printed", concern.KindClosed: "Closed", concern.KindReopened: "Reopened",
	}[e.Record]
}

// guides are the school's own rules that matter to a file.
func guides(r policy.Rules, c concern.Category) []fact {
	keys := []string{"vulnerable_pupil_lead", "roles.online_safety_lead", "linked_policies"}
	if c == concern.Bullying {
		keys = append([]string{"cyberbullying_policy"}, keys...)
	}
	var list []fact
	for _, name := range keys {
		if k, ok := policy.Find(name); ok {
			list = append(list, fact{k.Title, k.Words(r)})
		}
	}
	return list
}
