package contacts

import (
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/testdata/schools"
)

const heading = "Adno,Contact ID,Title,Forename,Surname,Relationship,Priority,Parental Responsibility,Lives with Pupil,Court Order,No Contact,Mobile,Email\n"

func TestRead(t *testing.T) {
	got, err := Read("contacts.csv", strings.NewReader("\ufeff"+heading+
		"A1,C1,Ms,Zoë,O'Hara,Mother,1,T,T,F,F,07700 900001,zoe@example.org\n"+
		"A1,C2,Mr,Sean,O'Hara,Father,2,Yes,no,TRUE,T,,\n"+
		"A2,C1,Ms,Zoë,O'Hara,Mother,1,T,,,F,,\n"))
	want := []register.Contact{
		{ID: "C1", Title: "Ms", Given: "Zoë", Family: "O'Hara", Relationship: "Mother", Priority: 1, ParentalResponsibility: true, LivesWith: true,
			Mobile: "07700 900001", Email: "zoe@example.org"},
		{ID: "C2", Title: "Mr", Given: "Sean", Family: "O'Hara", Relationship: "Father", Priority: 2, ParentalResponsibility: true, CourtOrder: true, NoContact: true},
	}
	if err != nil || len(got) != 2 || len(got["A1"]) != 2 || got["A1"][0] != want[0] || got["A1"][1] != want[1] || len(got["A2"]) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Nobody may guess: what is unclear is refused with its line, without repeating
// who or what it is about.
func TestReadNamesTheFault(t *testing.T) {
	const good = "A1,C1,Ms,Hush,Hush,Mother,1,T,T,F,F,,"
	cases := []struct{ name, old, new, want string }{
		{"responsibility unclear", ",T,T,F,F", ",hush,T,F,F", "contacts.csv:2: Parental responsibility is neither T nor F"},
		{"responsibility left out", ",T,T,F,F", ",,T,F,F", "contacts.csv:2: Parental responsibility is neither T nor F"},
		{"no contact left out", ",F,F,,", ",F,,,", "contacts.csv:2: No contact is neither T nor F"},
		{"court order unclear", ",T,T,F,F", ",T,T,?,F", "contacts.csv:2: Court order is neither T nor F"},
		{"priority", ",1,T", ",first,T", "contacts.csv:2: Priority is not a number"},
		{"priority 0", ",1,T", ",0,T", "contacts.csv:2: Priority is not a number"},
		{"no pupil", "A1,C1", ",C1", "contacts.csv:2: the pupil's or the contact's id is missing"},
		{"no name", "Hush,Hush", ",", "contacts.csv:2: contact C1 has no name"},
		{"twice", good, good + "\n" + good, "contacts.csv:3: contact C1 of pupil A1 stands on line 2"},
		{"long", "Mother", strings.Repeat("hush", maxText), "contacts.csv:2: Relationship is longer"},
	}
	for _, c := range cases {
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: %q is not there", c.name, c.old)
		}
		_, err := Read("contacts.csv", strings.NewReader(heading+strings.Replace(good, c.old, c.new, 1)+"\n"))
		if errs.CodeOf(err) != errs.Invalid || !strings.Contains(err.Error(), c.want) || strings.Contains(strings.ToLower(err.Error()), "hush") {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Read("contacts.csv", strings.NewReader(strings.Replace(heading, "No Contact", "Hush", 1)+good+"\n")); err == nil || !strings.Contains(err.Error(), `contacts.csv:1: there is no column "No contact"`) {
		t.Errorf("a missing column: %v", err)
	}
	var many strings.Builder
	many.WriteString(heading)
	for i := range maxContacts + 1 {
		many.WriteString(strings.Replace(good, "C1", "C"+strings.Repeat("1", i+1), 1) + "\n")
	}
	if _, err := Read("contacts.csv", strings.NewReader(many.String())); err == nil || !strings.Contains(err.Error(), "contacts.csv:22: pupil A1 has more than 20 contacts") {
		t.Errorf("too many: %v", err)
	}
}

// The story of a confiscated phone needs this family.
func TestElmfieldsStory(t *testing.T) {
	file, err := schools.Files.Open("elmfield/contacts.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := Read("contacts.csv", file)
	if err != nil || len(all) != 900 {
		t.Fatalf("contacts of %d pupils, %v", len(all), err)
	}
	total, barred := 0, 0
	for _, list := range all {
		total += len(list)
		for _, c := range list {
			if c.NoContact {
				barred++
			}
			if !strings.HasPrefix(c.Mobile, "07700 900") || !strings.HasSuffix(c.Email, "@example.org") {
				t.Errorf("contact %s could reach somebody", c.ID)
			}
		}
	}
	if total < 1500 || barred < 10 {
		t.Errorf("%d contacts, %d of them barred", total, barred)
	}
	story := all["A026401"]
	if len(story) != 3 || !story[0].ParentalResponsibility || story[0].NoContact || !story[1].NoContact || !story[1].CourtOrder || story[2].ParentalResponsibility || story[2].NoContact {
		t.Errorf("story: %+v", story)
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{
		heading + "A1,C1,Ms,Zoë,O'Hara,Mother,1,T,T,F,F,07700 900001,zoe@example.org\n",
		"\ufeff" + strings.ToUpper(heading) + "A1,C1,,A,,M,1,N,,,Y,,\n",
		heading + "A1,C1,\"\n",
		"", "Adno\n", heading,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Read("contacts.csv", strings.NewReader(text))
		if err != nil {
			if errs.CodeOf(err) != errs.Invalid || len(all) != 0 {
				t.Fatalf("%d pupils, %v", len(all), err)
			}
			return
		}
		for pupil, list := range all {
			seen := map[string]bool{}
			for _, c := range list {
				if pupil == "" || c.ID == "" || seen[c.ID] || c.Priority < 1 || c.Given+c.Family == "" {
					t.Fatalf("pupil %q has %+v", pupil, c)
				}
				seen[c.ID] = true
			}
		}
	})
}
